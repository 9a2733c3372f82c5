# 모든 화면에 나오는 말: 머리말과 꼬리말, 버튼, 공통 오류.

frame-product = 순번
frame-tagline = 백신 접종 예약
frame-skip = 본문으로 바로 가기
frame-menu = 메뉴
frame-home = 처음
frame-bookings = 예약 확인·변경·취소
frame-people = 접종받을 분 목록
frame-me = 내 정보
frame-roster = 오늘 명단
frame-sign-out = 로그아웃
frame-staff = { $name } 님으로 로그인함
frame-demo = 연습용 화면입니다. 실제로 예약되지 않습니다.
frame-demo-messages = 보낸 메시지 보기
frame-help = 도움이 필요하면 접종 기관에 전화해 주세요.
frame-privacy = 이름과 전화번호는 남이 읽지 못하게 암호화해 보관합니다. 언제든지 확인하고 지울 수 있습니다.

button-continue = 계속
button-back = 뒤로
button-save = 저장
button-change = 변경
button-remove = 삭제
button-confirm = 예약 확정
button-search = 찾기
button-add = 추가
button-sign-in = 로그인
button-yes = 예

step-current = { $total }단계 중 { $step }단계

birth-year = 년
birth-month = 월
birth-day = 일

error-title = 오류:
error-summary-title = 입력한 내용을 다시 확인해 주세요
error-too-long = { $most }자 이하로 입력해 주세요.
error-name = 이름을 입력해 주세요.
error-phone = 전화번호를 010-0000-0000처럼 입력해 주세요.
error-email = 이메일 주소를 name@example.com처럼 입력해 주세요.
error-date = 실제로 있는 날짜를 네 자리 연도로 입력해 주세요. 예: 1947년 3월 9일
error-date-future = 지난 날짜를 입력해 주세요.
error-consent = 그분이 동의했다면 여기에 표시해 주세요.
