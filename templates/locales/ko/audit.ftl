# 누가 누구의 정보를 보았는지 살펴보는 화면.

audit-title = 열람 기록
audit-hint = 이름을 많이 본 순서입니다. 아이디를 누르면 기록을 하나씩 볼 수 있습니다.
audit-nobody = 이달에는 기록이 없습니다.
audit-nothing = 이달에는 이 아이디의 기록이 없습니다.
audit-names = 이름을 모두 본 횟수
audit-files = 파일을 받은 횟수
audit-all = 전체 기록
audit-more = 이 밖에 { $count }명이 더 있습니다. 아이디로 찾아 주세요.
audit-one = 한 사람의 기록 보기
audit-show = 기록 보기
audit-why = 이유
audit-file = 한 달 기록을 파일로 받기
audit-reason = 받는 이유
audit-reason-hint = 이유도 기록에 남습니다.
audit-take = 표 파일(CSV) 받기
audit-error-reason = 파일을 받는 이유를 입력해 주세요.
audit-act-name = 이름을 모두 봄
audit-act-desk = 접수 화면을 봄
audit-act-find = 사람을 찾음
audit-act-roster = 명단을 봄
audit-act-file = 파일을 받음
audit-act-audit = 열람 기록을 봄
audit-act-account = 계정 설정을 바꿈
audit-act-did = 접수·접종을 기록함
audit-act-callers = 전화한 분의 순서를 알려 줌
audit-act-evening = 대기실이나 문자 발송을 조정함
