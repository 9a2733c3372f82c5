# 온 순서대로 들어가는 줄.

line-announced-title = 아직 줄을 설 수 없습니다
line-announced = { $when }부터 줄을 설 수 있습니다.
line-title = 줄을 서시겠습니까?
line-text = 많은 분이 예약하려고 하므로 온 순서대로 들어갑니다. 버튼을 누르는 때부터 줄을 선 것이 됩니다.
line-cookie = 순서는 이 브라우저에 쿠키라는 정보로 저장합니다. 차례가 될 때까지 같은 브라우저를 쓰고 쿠키를 지우지 마세요. 쿠키가 없으면 줄을 다시 서야 합니다.
line-devices = 여러 기기로 오면 줄을 여러 번 서게 됩니다. 순서 하나로 휴대전화 번호 하나만 들어갈 수 있고, 번호 하나에는 순서 하나면 됩니다.
line-join = 줄 서기
line-error-network = 같은 네트워크에서 줄을 너무 많이 섰습니다. 몇 분 뒤에 버튼을 다시 누르거나 휴대전화 데이터로 해 주세요.
line-lost = 이 브라우저에 저장된 순서는 여기에서 쓸 수 없습니다. 줄을 다시 서 주세요.
line-used = 이 순서로는 다른 휴대전화 번호로 이미 들어갔습니다. 줄을 다시 서 주세요.
line-soon-title = 곧 차례입니다
line-phone-title = 차례입니다. 들어갈 휴대전화 번호를 입력해 주세요
line-phone-text = 내 번호인지 확인하는 인증번호를 보냅니다. 확인한 다음 들어가서 예약합니다.
line-phone-hint = 이 번호로 들어가서 예약합니다.

# 줄에서 기다리는 화면. 같은 분(分)에 온 사람에게는 모두 같은 화면입니다.

wait-line-title = { $when }에 줄을 섰습니다
wait-line-begun = 같은 때에 줄을 선 분들이 지금 차례대로 들어가고 있습니다.
wait-line-own = 내 차례 확인
wait-line-turn = 같은 때에 줄을 선 분들은 { $when }쯤부터 들어갑니다.
wait-line-turn-day = 같은 때에 줄을 선 분들은 { $date } { $time }쯤부터 들어갑니다.
wait-line-entering = 지금은 { $when }에 줄을 선 분들이 들어가고 있습니다.
wait-line-close = 이 화면을 닫아도 됩니다. 이 브라우저에 쿠키가 남아 있으면 나중에 와도 순서는 그대로입니다.
wait-line-place = 순서는 이 브라우저에 저장되어 있습니다. 다른 기기에서는 줄을 다시 서야 합니다.
