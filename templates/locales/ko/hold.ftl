# 자리를 잡아 둔 동안 내용을 확인하는 화면.

hold-title = 내용을 확인하고 예약을 확정해 주세요
hold-until = { $minutes }분 동안, { $time }까지 자리를 잡아 둡니다. 그 안에 ‘예약 확정’을 눌러 주세요.
hold-extend = 시간 늘리기
hold-extended = 시간을 지금부터 다시 셉니다. { $time }까지 자리를 잡아 둡니다.
hold-unconfirmed = 이대로 확정할 수 없습니다. 목록에서 뺀 분이 있거나 시간이 지났습니다. 아래에서 다시 선택해 주세요.
hold-clash = 비슷한 시간에 다른 예약이 있습니다. { $name } 님, { $when }, { $place }. 두 곳에 모두 갈 수 있는지 확인해 주세요.
hold-extensions-left = 시간은 { $left }번 더 늘릴 수 있습니다.
hold-no-extension = 시간은 더 늘릴 수 없습니다.
hold-what = 예방접종
hold-who = 접종받을 분
hold-born = { $date } 태어남
hold-where = 접종 기관
hold-next-dose = 다음 접종
hold-no-next-dose = 아직 선택하지 않았습니다.
hold-choose = 선택하기
hold-phone = 안내 문자를 받는 휴대전화
hold-phone-theirs = 이 번호의 주인이 여기에 한 번 로그인하기 전까지는, 그 번호로 이름 없는 문자를 한 번만 보내고 예약 알림은 나에게 보냅니다.
hold-release = 이 자리를 포기하고 다른 시간 선택하기
held-until = { $time }까지 자리를 잡아 두었습니다. 아직 예약되지 않았습니다.
held-go-on = 내용을 확인하고 예약 확정하기
hold-over-title = 이 자리는 이제 잡혀 있지 않습니다
hold-over-text = 시간이 지났거나 다른 자리를 새로 선택했습니다. 예약은 되지 않았습니다. 같은 날 남은 시간을 다시 선택할 수 있습니다.
hold-over-again = 같은 날 다시 선택하기
hold-over-bookings = 확정된 예약 보기
hold-closed-title = 예약 기간이 끝났습니다
hold-closed-text = 이 예방접종은 더 예약할 수 없습니다. 잡아 둔 자리는 예약되지 않았습니다.
