# 입장: 차례가 언제인지, 그리고 들어가기.

door-title = 예약할 휴대전화 번호를 입력해 주세요
door-text = 많은 분이 한꺼번에 예약하려고 하므로 차례대로 들어갑니다. 차례는 휴대전화 번호로 추첨해 정했습니다. 일찍 오거나 여러 기기로 와도 차례는 같습니다.
door-phone = 휴대전화 번호
door-phone-hint = 차례를 찾는 데만 씁니다. 예약도 이 번호로 합니다.
door-error-network = 같은 네트워크에서 차례를 너무 많이 확인했습니다. 몇 분 뒤에 다시 확인하거나 휴대전화 데이터로 확인해 주세요. 차례는 그대로입니다.
door-look = 내 차례 확인
door-for = 이때 예약할 수 있는 분: { $who }.
door-announced = { $when }부터 차례를 확인할 수 있습니다.
door-not-drawn = 아직 추첨하지 않았습니다. 잠시 뒤에 다시 확인해 주세요.
door-prepare = 접종받을 분을 미리 적어 두면 예약이 빨라집니다.
door-prepare-told = 그러면 추첨이 끝난 뒤 차례를 문자로도 알려 드립니다.
door-tell = 문자로 차례 알림 받기
door-told = 접종받을 분이 적혀 있습니다. 추첨이 끝나면 차례를 문자로 알려 드립니다.
door-text-declined = 차례를 문자로 알려 드리지 않습니다.
door-tell-not = 문자 받지 않기
door-enter-title = 들어가서 예약하시겠습니까?
door-enter-text = 이제 차례가 되었습니다. 20분 동안 예약할 수 있고, 시간이 더 필요하면 다시 들어올 수 있습니다.
door-enter = 들어가서 예약하기

# 빈자리가 없을 때.

full-title = 지금은 빈자리가 없습니다
full-text = 지금 예약할 수 있는 자리는 모두 예약되었거나 다른 분이 예약하고 있습니다.
full-again = 예약을 취소하는 분이 있거나 접종 기관이 자리를 늘리면 다시 자리가 생깁니다. { $until }까지 언제든지 다시 확인해 주세요.
full-turn = 차례는 그대로 남아 있습니다.
full-others = 다른 예방접종 보기
full-bookings = 이미 한 예약 보기

# 기다리는 화면. 같은 그룹에 있는 사람에게는 모두 같은 화면입니다.

wait-title = { $group }번 그룹입니다
wait-come-title = 차례가 되었습니다
wait-begun = 지금 이 그룹이 차례로 들어가고 있습니다. 이 화면으로 다시 돌아오면 몇 초 뒤에 한 번 더 눌러 주세요.
wait-come = 지금부터 { $until }까지 언제든지 들어갈 수 있습니다.
wait-over = 이제 기다리지 않아도 됩니다. 언제든지 들어갈 수 있습니다.
wait-go = 계속하기
wait-paused = 지금은 입장을 잠시 멈추었습니다. 차례는 그대로입니다.
wait-opens = { $when }부터 차례대로 들어갑니다.
wait-turn = 차례는 { $when }쯤입니다.
wait-turn-day = 차례는 { $date } { $time }쯤입니다.
wait-unknown = 차례가 언제인지 아직 알 수 없습니다. 늦어도 { $when }에는 들어갈 수 있습니다.
wait-of = 전체 { $groups }개 그룹 가운데 { $group }번입니다.
wait-entering = 지금은 { $group }번 그룹이 들어가고 있습니다.
wait-close = 이 화면을 닫아도 됩니다. 나중에 와도 차례는 그대로입니다.
wait-place = 차례는 휴대전화 번호로 정해져 있어 어느 기기에서 보아도 같습니다.
wait-now = 지금 확인
wait-refresh = 이 화면은 저절로 다시 확인합니다.
wait-stop = 멈추기
wait-stopped = 이 화면은 저절로 다시 확인하지 않습니다.
wait-again = 다시 저절로 확인하기
wait-other-phone = 다른 번호의 차례를 알고 싶습니까?
wait-door = 다른 번호로 확인
