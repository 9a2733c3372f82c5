# 접종 기관 직원이 보는 화면.

clinic-sign-in-title = 직원 로그인
clinic-login = 아이디
clinic-password = 비밀번호
clinic-sign-in-help = 아이디나 비밀번호를 모르면 접종 기관의 담당자에게 물어봐 주세요.
clinic-signed-out = 로그아웃했습니다.
clinic-error-login = 아이디를 입력해 주세요.
clinic-error-password = 비밀번호를 입력해 주세요.
clinic-error-sign-in = 아이디나 비밀번호가 맞지 않습니다. 다시 입력해 주세요.
clinic-error-too-often = 여러 번 틀렸습니다. 몇 분 뒤에 다시 해 주세요.

clinic-sites-title = 명단을 볼 접종 기관을 선택해 주세요
clinic-sites-name = 접종 기관 이름
clinic-sites-province = 시·도
clinic-sites-all = 전체
clinic-sites-found = 접종 기관 { $count }곳
clinic-sites-none = 찾는 접종 기관이 없습니다. 이름을 짧게 줄여 다시 찾아 주세요.

clinic-roster-title = { $date } 예약 명단
clinic-roster-caption = { $date } 예약 명단, 시간순
clinic-yesterday = 전날
clinic-today = 오늘
clinic-tomorrow = 다음 날
clinic-page-before = 앞쪽
clinic-page-after = 다음 쪽
clinic-nobody = 이날은 예약이 없습니다.
clinic-shown = { $all }건 중 { $first }~{ $last }번째입니다.
clinic-open-hint = 예약번호를 누르면 이름과 전화번호를 모두 볼 수 있습니다. 본 기록이 남습니다.
clinic-desk-hint = 예약번호를 누르면 접수하거나 이름을 모두 볼 수 있습니다. 본 기록이 남습니다.
clinic-more = 인쇄하거나 다른 날 보기
clinic-sheet = 인쇄용 명단
clinic-csv = 표 파일(CSV) 받기
clinic-other-day = 다른 날짜
clinic-show-day = 이 날짜 보기
clinic-error-date = 날짜를 2026-11-24처럼 입력해 주세요. 우선 오늘 명단을 보여 드립니다.

clinic-time = 시간
clinic-name = 이름
clinic-born = 태어난 해
clinic-dose = 차수
clinic-dose-of = { $dose }차
clinic-product = 백신
clinic-reference = 예약번호
clinic-state = 상태
clinic-lot = 제조번호
clinic-duplicate = 중복 확인
clinic-duplicate-hint = ‘중복 확인’은 이름과 생년월일이 같은 분이 또 있다는 뜻입니다. 같은 분인지 확인해 주세요.

clinic-unreached = 문자 못 받음
clinic-unreached-hint = ‘문자 못 받음’은 예약 안내 문자가 도착하지 않았다는 뜻입니다. 전화로 알려 주세요.

clinic-state-held = 예약하는 중
clinic-state-booked = 예약
clinic-state-displaced = 시간 변경 필요
clinic-state-arrived = 도착
clinic-state-vaccinated = 접종
clinic-state-no-show = 오지 않음
clinic-state-cancelled = 취소
clinic-state-expired = 확정하지 않음

clinic-count-booked = 예약 { $count }명
clinic-count-arrived = 도착 { $count }명
clinic-count-vaccinated = 접종 { $count }명
clinic-count-no-show = 오지 않음 { $count }명
clinic-count-displaced = 시간 변경 필요 { $count }명
clinic-count-cancelled = 취소 { $count }명
clinic-count-held = 지금 예약하는 중 { $count }자리
clinic-count-free = 빈자리 { $count }자리 (전체 { $all }자리)

clinic-morning = 오전
clinic-afternoon = 오후
clinic-sheet-hint = 브라우저의 인쇄 기능으로 인쇄해 주세요. 오전과 오후가 따로 나옵니다.
clinic-sheet-people = { $count }명.
clinic-as-of = { $moment } 현재.

clinic-why-title = 이름과 전화번호를 모두 보려는 이유를 선택해 주세요
clinic-why-text = 누가, 언제, 왜 보았는지 기록에 남습니다. 기록은 지울 수 없습니다.
clinic-reason = 이유
clinic-reason-at-desk = 본인이 접수대에 왔습니다
clinic-reason-called = 본인이나 보호자가 전화했습니다
clinic-reason-duplicate = 같은 분이 두 번 예약했는지 확인합니다
clinic-reason-other = 다른 이유
clinic-reason-words = 다른 이유를 선택했다면 적어 주세요
clinic-error-reason = 이유를 선택해 주세요.
clinic-error-other = 다른 이유를 적어 주세요.
clinic-open = 이름 보기
clinic-name-title = 접종받을 분
clinic-written-down = 이름을 본 기록을 남겼습니다. 이유: { $reason }
clinic-birth = 생년월일
clinic-age = 접종일에 만 { $age }세
clinic-phone = 휴대전화 번호
clinic-no-phone = 없음
clinic-booking = 예약 내용
clinic-when = 날짜와 시간
clinic-site = 접종 기관

clinic-callers-title = 전화한 분의 차례를 알려 주세요
clinic-callers-none = 지금은 차례를 기다리는 접종 예약이 없습니다.
clinic-door-link = 전화한 분에게 차례 알려 주기: { $campaign }
clinic-door-title = 전화한 분의 차례를 확인합니다
clinic-door-text = 차례는 휴대전화 번호로 정해져 있습니다. 전화한 분의 휴대전화에서 보아도 같고, 전화한다고 먼저 들어가지 않습니다. 확인한 기록이 남습니다.
clinic-door-line = 이 줄에서는 번호가 아니라 브라우저에 순서가 저장됩니다. 전화로는 줄을 설 수 없습니다.
clinic-door-phone = 전화한 분의 휴대전화 번호
clinic-door-look = 차례 확인
clinic-door-of = 번호 { $phone }:
clinic-door-announced = { $when }부터 차례를 확인할 수 있습니다.
clinic-door-turn = 차례는 { $when }쯤입니다.
clinic-door-come = 차례가 되었습니다. { $when }까지 언제든지 들어갈 수 있습니다.
clinic-door-over = 이제 기다리지 않아도 됩니다. 바로 예약할 수 있습니다.
clinic-door-full = 지금은 빈자리가 없습니다. 자리가 다시 생길 수 있고, 차례는 그대로입니다.
clinic-door-how = 들어갈 때는 { $address } 화면을 열고, 번호를 입력한 다음 그 번호로 받은 인증번호를 입력합니다.
clinic-door-how-line = 줄을 설 때는 { $address } 화면을 열고 버튼을 누릅니다. 차례가 되면 같은 브라우저로 다시 옵니다.
