# 예약번호와 휴대전화 번호로 예약을 찾는 화면. 예약이 있든 없든 같은 말을 합니다.

find-title = 예약번호와 휴대전화 번호를 입력해 주세요
find-text = 그 휴대전화로 인증번호를 보냅니다.
find-reference-hint = 영문과 숫자 8자리. 예: ABCD-EFGH
find-phone = 휴대전화 번호
find-phone-hint = 예약한 분이나 접종받을 분의 휴대전화. 예: 010-0000-0000
find-send = 인증번호 받기
find-sign-in = 예약번호를 모르면 휴대전화 번호로 찾기
find-neither = 문자를 받을 수 없으면 예약한 접종 기관에 전화해 주세요.
find-lost = 인증번호를 쓸 수 있는 시간이 지났거나, 이 브라우저에 저장된 접속 정보(쿠키)가 지워졌습니다. 다시 입력해 주세요.
find-tries = 인증번호를 너무 여러 번 틀렸습니다. 처음부터 다시 해 주세요.
find-reference-empty = 예약번호를 입력해 주세요.
find-reference-length = 예약번호 8자리를 입력해 주세요. 예: ABCD-EFGH
find-reference-confusable = 예약번호에는 숫자 0과 1, 영문 I, L, O를 쓰지 않습니다. 비슷한 글자인지 다시 확인해 주세요.
find-reference-sign = 예약번호는 영문과 숫자로만 입력해 주세요.
find-reference-check = 예약번호에 틀린 글자가 있거나 두 글자의 순서가 바뀌었습니다. 한 글자씩 확인해 주세요.
find-code-title = 예약을 찾을 인증번호를 입력해 주세요
find-code-text = 맞는 예약이 있으면 { $phone } 번호로 문자를 보냈습니다.
find-code-until = 인증번호는 { $time }까지 쓸 수 있습니다.
find-code-label = 인증번호
find-code-hint = 숫자 6자리
find-code-wrong = 인증번호가 다릅니다. 마지막에 받은 인증번호를 입력해 주세요. { $left }번 더 입력할 수 있습니다.
find-code-digits = 숫자 6자리를 입력해 주세요.
find-code-missing = 문자가 오지 않으면
find-code-missing-text = 예약번호와 휴대전화 번호가 맞는지 확인해 주세요. 맞으면 1분쯤 뒤에 다시 보내 주세요.
find-code-again = 인증번호 다시 보내기
find-code-sent-again = 맞는 예약이 있으면 문자를 다시 보냈습니다.
