# 내 정보: 보기, 휴대전화 번호, 안내, 이메일, 대리예약하는 분, 내려받기, 지우기.

me-title = 저장된 내 정보
me-phone = 휴대전화 번호
me-email = 이메일 주소
me-email-none = 없음
me-email-remove = 이메일 주소 지우기
me-language = 안내 문자의 언어
me-people = 접종받을 분
me-people-count = { $count }명
me-bookings = 예약
me-see = 보기
me-carers = 나를 대신해 예약할 수 있는 분 (대리예약)
me-carers-none = 없습니다. 다른 분이 내 이름, 생년월일, 전화번호로 나를 목록에 추가하면 여기에 나옵니다.
me-carers-more = 이 밖에 { $count }명이 더 있습니다. 위에 있는 분의 대리예약을 막으면 이어서 나옵니다.
me-carer = 나를 추가한 분 (이분에게 나는 ‘{ $relation }’)
me-revoke = 대리예약 막기
me-yours = 내 정보 관리
me-download = 내 정보 모두 내려받기
me-sign-out-everywhere = 모든 기기에서 로그아웃
me-erase = 내 정보 모두 지우기

me-phone-title = 새 휴대전화 번호를 입력해 주세요
me-phone-text = 지금 번호: { $phone }. 새 번호로 인증번호를 보냅니다. 인증번호를 입력하면 로그인과 안내 문자에 새 번호를 쓰고, 다른 기기에서는 로그아웃합니다. 지금 번호로는 번호가 바뀌었다고 문자로 알립니다.
me-phone-door = 예약 차례는 휴대전화 번호마다 정해집니다. 번호를 바꾸면 새 번호의 차례를 기다려야 합니다.
me-phone-new = 새 휴대전화 번호
me-phone-lost = 이 인증번호는 더 쓸 수 없습니다. 번호를 확인하고 인증번호를 다시 받아 주세요.
me-phone-taken = 이 번호로 저장한 목록이나 예약이 이미 있어 번호를 바꾸지 않았습니다. 그 목록은 그 번호로 로그인하면 볼 수 있습니다.
me-phone-changed = 휴대전화 번호를 바꾸었습니다. 다음부터는 이 번호로 로그인해 주세요.
me-error-phone-same = 지금 쓰는 번호입니다. 새 번호를 입력해 주세요.

me-messages-title = 안내 문자를 어떻게 받을지 선택해 주세요
me-messages-kept = 저장했습니다. 앞으로 보내는 안내부터 이렇게 합니다.
me-reminders = 접종일 알림 문자
me-reminders-hint = 예약 확정, 변경, 취소 안내는 항상 문자로 보냅니다. 이메일로 보내는 알림은 그대로입니다.
me-reminders-yes = 받기
me-reminders-no = 받지 않기
me-error-language = 안내 문자의 언어를 선택해 주세요.
me-error-reminders = 접종일 알림 문자를 받을지 선택해 주세요.

me-email-title = 이메일 주소를 입력해 주세요
me-email-text = 예약 안내를 문자와 이메일로 함께 보냅니다. 먼저 이메일로 인증번호를 보냅니다.
me-email-hint = 예: name@example.com
me-email-send = 인증번호 받기
me-email-lost = 이 인증번호는 더 쓸 수 없습니다. 이메일 주소를 확인하고 인증번호를 다시 받아 주세요.
me-error-email-long = 이메일 주소가 너무 깁니다. 더 짧은 주소를 입력해 주세요.

me-revoke-title = 이분의 대리예약을 막으시겠습니까?
me-revoke-text = 이분의 목록에서 내가 사라지고, 이분은 나를 대신해 예약할 수 없습니다. 이미 한 예약은 취소되지 않고 내 예약으로 남습니다.
me-revoke-yes = 대리예약 막기
me-revoke-no = 그대로 두기

me-erase-title = 내 정보를 모두 지우시겠습니까?
me-erase-text = 전화번호, 이메일 주소, 접종받을 분의 이름과 생년월일을 지웁니다. 되돌릴 수 없습니다.
me-erase-kept = 법에 따라 이름과 번호가 없는 예약 기록(날짜, 접종 기관, 백신)과, 직원이 언제 열어 보았는지의 기록은 남습니다.
me-erase-coming = 앞으로의 예약이 있으면 지울 수 없습니다. 먼저 예약을 취소해 주세요.
me-erase-has-booking = 아직 예약이 있어 지우지 않았습니다.
me-erase-see-bookings = 예약을 보고 취소하기
me-erase-yes = 모두 지우기
me-erase-no = 지우지 않기
