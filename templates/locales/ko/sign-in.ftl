# 휴대전화 번호와 인증번호로 로그인하는 화면.

sign-in-title = 휴대전화 번호를 입력해 주세요
sign-in-text = 인증번호를 문자로 보냅니다. 비밀번호는 필요 없습니다.
sign-in-phone = 휴대전화 번호
sign-in-phone-hint = 예: 010-0000-0000
sign-in-send = 인증번호 받기
sign-in-no-mobile = 휴대전화가 없으면 가족에게 부탁하거나 접종 기관에 전화해 주세요.
sign-in-lost = 인증번호를 쓸 수 있는 시간이 지났거나, 이 브라우저에 저장된 접속 정보(쿠키)가 지워졌습니다. 번호를 다시 입력해 주세요.
sign-in-kept = 입력한 내용은 그대로 있습니다. 로그인하면 이어서 할 수 있습니다.
sign-in-out-everywhere = 모든 기기에서 로그아웃했습니다.
sign-in-erased = 내 정보를 지웠습니다. 이 기기에서도 로그아웃했습니다.

sign-in-error-mobile = 문자를 받을 수 있는 휴대전화 번호를 입력해 주세요. 예: 010-0000-0000
sign-in-error-country = 이 나라의 번호로는 문자를 보낼 수 없습니다. 한국 휴대전화 번호를 입력해 주세요.
sign-in-error-too-many = 같은 곳으로 인증번호를 여러 번 보냈습니다. 마지막에 받은 인증번호를 쓰거나 한 시간 뒤에 다시 해 주세요.
sign-in-error-network = 지금 쓰는 인터넷에서 인증번호를 너무 많이 요청했습니다. 10분 뒤에 다시 하거나 다른 인터넷을 써 주세요.
sign-in-error-all = 지금 인증번호를 요청하는 분이 많습니다. 1분 뒤에 다시 해 주세요.
sign-in-error-tries = 인증번호를 너무 여러 번 틀렸습니다. 새 인증번호를 받아 주세요.
sign-in-error-wrong-code =
    인증번호가 다릅니다. 마지막에 받은 인증번호를 입력해 주세요. { $left }번 더 입력할 수 있습니다.
sign-in-error-six-digits = 숫자 6자리를 입력해 주세요.

sign-in-code-title = 받은 인증번호를 입력해 주세요
sign-in-code-phone = { $to } 번호로 문자를 보냈습니다.
sign-in-code-email = { $to } 주소로 이메일을 보냈습니다.
sign-in-code-until = 인증번호는 { $time }까지 쓸 수 있습니다.
sign-in-code-label = 인증번호
sign-in-code-hint = 숫자 6자리
sign-in-code-missing = 인증번호가 오지 않으면
sign-in-code-missing-text = 1분쯤 기다려도 오지 않으면 다시 보내 주세요. 같은 인증번호가 갑니다.
sign-in-code-again = 인증번호 다시 보내기
sign-in-code-sent-again = 인증번호를 다시 보냈습니다.
sign-in-code-soon = 조금 전에 보냈습니다. { $seconds }초 뒤에 다시 보낼 수 있습니다.
sign-in-change-number = 휴대전화 번호 다시 입력하기
sign-in-change-address = 이메일 주소 다시 입력하기

sign-in-birth-title = 접종받을 분 가운데 한 분의 생년월일을 입력해 주세요
sign-in-birth-text = 이 번호로 90일 넘게 로그인하지 않았습니다. 휴대전화 번호는 다른 분에게 넘어갈 수 있어서, 저장된 내용을 보여 드리기 전에 한 번 더 확인합니다.
sign-in-birth-who = 목록에 있는 분이면 누구의 생년월일이든 됩니다. 내가 목록에 있으면 내 생년월일도 됩니다.
sign-in-birth-wrong =
    생년월일이 이 날인 분이 목록에 없습니다. 년, 월, 일을 다시 확인해 주세요. { $left }번 더 입력할 수 있습니다.
sign-in-birth-new = 이 번호를 새로 받았으면
sign-in-birth-new-text = 전에 다른 분이 쓰던 번호일 수 있습니다. 빈 목록으로 시작할 수 있습니다.

sign-in-anew-title = 빈 목록으로 시작하시겠습니까?
sign-in-anew-tries = 생년월일을 너무 여러 번 틀렸습니다. 이 번호로 전에 저장한 내용은 이제 열 수 없습니다.
sign-in-anew-text = 휴대전화 번호로 로그인하고 접종받을 분을 새로 추가합니다. 이 번호로 전에 저장한 내용은 보이지 않으며, 이 번호로는 다시 열 수 없습니다.
sign-in-anew-kept = 이 번호로 전에 한 예약은 그대로 있습니다. 그 예약을 알리는 문자는 이제 이 번호로 가지 않습니다. 예약을 바꾸거나 취소하려면 예약한 접종 기관에 전화해 주세요.
sign-in-anew-yes = 빈 목록으로 시작하기

sign-in-go-on-title = 하던 일을 이어서 하시겠습니까?
sign-in-go-on-text = 로그인했습니다. 앞에서 입력한 내용은 그대로 있습니다. 아래 버튼을 누르면 이어서 합니다.
