# 직원의 계정과 인증 앱.

clinic-code-title = 인증 번호를 입력해 주세요
clinic-code = 인증 앱의 여섯 자리 번호
clinic-code-hint = 인증 앱을 쓸 수 없으면 복구 코드를 입력해 주세요.
clinic-code-help = 복구 코드도 없으면 아이디를 만들어 준 담당자에게 계정을 다시 열어 달라고 말씀해 주세요.
clinic-code-other = 다른 아이디로 로그인
clinic-code-late = 인증 번호를 기다리는 시간이 지났습니다. 비밀번호부터 다시 입력해 주세요.
clinic-code-tries = 인증 번호를 여러 번 틀렸습니다. 비밀번호부터 다시 입력해 주세요.
clinic-error-no-code = 인증 번호를 입력해 주세요.
clinic-error-code = 인증 번호가 맞지 않거나 이미 썼습니다. 앱에 새 번호가 나오면 그 번호를 입력해 주세요. 계속 맞지 않으면 휴대전화의 시계가 맞는지 확인해 주세요.
clinic-error-code-paused = 이 아이디로 틀린 번호를 너무 많이 입력했습니다. 복구 코드를 입력하거나 한 시간 뒤에 다시 해 주세요. 본인이 입력하지 않았다면 비밀번호가 새어 나간 것이니 담당자에게 알려 주세요.

account-title = 내 계정
account-sessions = 로그인한 곳
account-here = 지금 보고 있는 화면
account-near = 같은 네트워크의 다른 화면
account-elsewhere = 다른 네트워크의 화면
account-began = { $time }에 로그인
account-end = 로그아웃시키기
account-end-others = 다른 화면 모두 로그아웃시키기
account-ended = 선택한 화면을 로그아웃시켰습니다.
account-ended-others = 다른 화면을 모두 로그아웃시켰습니다.
account-password = 비밀번호 바꾸기
account-password-now = 지금 비밀번호
account-password-new = 새 비밀번호
account-password-hint = { $least }자 이상 입력해 주세요. 긴 문장도 좋습니다.
account-password-again = 새 비밀번호 한 번 더
account-password-change = 비밀번호 바꾸기
account-password-done = 비밀번호를 바꿨습니다. 다른 화면은 모두 로그아웃되었습니다.
account-error-password = 지금 비밀번호가 맞지 않습니다. 다시 입력해 주세요.
account-error-short = 새 비밀번호를 { $least }자 이상 입력해 주세요.
account-error-again = 새 비밀번호 두 개가 서로 다릅니다. 다시 입력해 주세요.

factor-heading = 인증 앱
factor-on = 로그인할 때 비밀번호와 인증 앱의 번호를 함께 확인합니다.
factor-codes-left = 쓰지 않은 복구 코드가 { $count }개 남아 있습니다.
factor-off = 비밀번호가 새어 나가도 다른 사람이 들어오지 못하게 하려면 인증 앱을 설정해 주세요.
factor-set-up = 인증 앱 설정하기
factor-anew = 인증 앱 다시 설정하기
factor-title = 인증 앱 설정
factor-text = 휴대전화의 인증 앱(예: Google Authenticator)으로 그림을 찍은 뒤, 앱에 나온 번호를 아래에 입력해 주세요.
factor-qr = 인증 앱으로 찍을 QR 코드
factor-by-hand = 찍을 수 없으면 앱에 이 글자를 입력해 주세요.
factor-code = 앱에 나온 여섯 자리 번호
factor-present = 지금 쓰는 앱의 번호 또는 복구 코드
factor-present-hint = 지금까지 쓰던 인증 앱의 번호입니다.
factor-begin = 설정 마치기
factor-error-code = 번호가 맞지 않습니다. 앱에 지금 나와 있는 번호를 입력해 주세요.
factor-error-late = 이 화면을 연 지 오래되어 그림이 바뀌었습니다. 새 그림을 찍고 번호를 입력해 주세요.

recovery-title = 복구 코드를 적어 주세요
recovery-text = 휴대전화를 잃어버렸을 때 인증 앱의 번호 대신 씁니다. 코드 하나는 한 번만 쓸 수 있고, 이 화면은 다시 볼 수 없습니다. 적거나 인쇄해서 안전한 곳에 놓아 주세요.
recovery-done = 적었습니다

role-clinic = 접종 기관 직원
role-call-centre = 콜센터 상담원
role-authority = 보건 당국
role-auditor = 감사 담당자
