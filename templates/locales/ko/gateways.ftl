# What the authority sees of the messages.

messages-menu = 안내 문자
messages-title = 안내 문자와 이메일
messages-waiting = 지금 보내려고 기다리는 것
messages-none = 기다리는 것이 없습니다.
messages-wait = { $count }건, 가장 오래된 것은 { $since }부터
messages-gateways = 발송 업체
messages-gateways-text = 이 서버가 켜진 뒤의 수입니다. 문제가 생긴 업체에는 길게는 1분 동안, 또는 그 업체가 정한 동안 보내지 않다가 한 건으로 다시 시험합니다. 멈춘 업체에는 모든 서버가 보내지 않습니다.
messages-works = 정상
messages-trouble = 문제 있음
messages-paused = 멈춤
messages-figures = 넘긴 것 { $sent }건, 보내는 중 { $now }건, 받지 않은 것 { $refused }건, 다시 보낼 것 { $later }건, 갔는지 모르는 것 { $uncertain }건
messages-pause = { $name } 멈추기
messages-resume = { $name } 다시 쓰기
messages-lost = 도착하지 않은 것
messages-none-lost = 지금까지 아는 한 보낸 것은 모두 도착했습니다.
messages-failed = { $what }: { $count }건이 도착하지 않았습니다
messages-uncertain = { $what }: { $count }건은 갔는지 알 수 없습니다
messages-dead = { $what }: { $count }건을 보내지 못했습니다
messages-again = 다시 보내기 (한 번에 500건까지)

messages-code = 문자 인증번호
messages-email-check = 이메일 인증번호
messages-cancellation = 예약 취소
messages-change = 예약 변경
messages-confirmation = 예약 확인
messages-care-notice = 대리예약 알림
messages-already-booked = 중복 예약 알림
messages-phone-changed = 번호 변경 알림
messages-turn = 입장 차례 알림
messages-reminder = 접종일 알림
