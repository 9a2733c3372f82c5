# 접종받을 분 목록과 추가, 변경, 삭제.

people-title = 접종받을 분 목록
people-none = 아직 아무도 없습니다. 먼저 나 또는 가족을 추가해 주세요.
people-more = 더 추가하기
people-most = { $most }명까지 추가할 수 있습니다.
people-full = { $most }명을 모두 추가했습니다. 더 추가하려면 먼저 한 명을 삭제해 주세요.
people-add = 접종받을 분 추가

people-relation = 나와의 관계
people-birth = 생년월일
people-messages = 안내 문자를 받을 휴대전화
people-birth-on = { $year }년 { $month }월 { $day }일

people-relation-me = 나
people-relation-mother = 어머니
people-relation-father = 아버지
people-relation-spouse = 배우자
people-relation-child = 자녀
people-relation-grandparent = 할머니·할아버지
people-relation-other = 그 밖의 관계

people-messages-theirs = 그분의 휴대전화
people-messages-mine = 내 휴대전화
people-messages-both = 두 휴대전화 모두
people-messages-no-phone = 그분은 휴대전화가 없음 (내 휴대전화로 받기)

people-title-new = 접종받을 분의 정보를 입력해 주세요
people-title-me = 내 이름과 생년월일을 입력해 주세요
people-title-change = 바뀐 정보를 입력해 주세요
people-me-text = 예약하려면 접종받을 분의 이름과 생년월일이 필요합니다.
people-my-name = 내 이름
people-my-birth = 내 생년월일
people-name = 이름
people-name-hint = 신분증에 적힌 대로 입력해 주세요.
people-birth-hint = 예: 1947년 3월 9일
people-relation-question = 나와의 관계
people-messages-question = 예약 안내 문자를 받을 휴대전화
people-add-me = 나를 목록에 추가하기
people-phone = 그분의 휴대전화 번호
people-phone-silent = { $phone } (문자를 보내지 않음)
people-phone-hint = ‘그분의 휴대전화’나 ‘두 휴대전화 모두’를 선택했을 때만 입력해 주세요. 예: 010-0000-0000
people-consent = 내가 대신 예약하는 것에 그분이 동의했습니다.

people-error-relation = 나와의 관계를 선택해 주세요.
people-error-name-unreadable = 이름을 글자로 입력해 주세요. 예: 김순자
people-error-birth-year = 태어난 해를 네 자리로 입력해 주세요. 예: 1947
people-error-messages = 안내 문자를 받을 휴대전화를 선택해 주세요.
people-error-phone-needed = 그분의 휴대전화 번호를 입력해 주세요. 없으면 ‘휴대전화가 없음’을 선택해 주세요.
people-error-phone-mobile = 문자를 받을 수 있는 휴대전화 번호를 입력해 주세요. 없으면 번호를 지우고 ‘휴대전화가 없음’을 선택해 주세요.
people-error-phone-or-none = ‘휴대전화가 없음’을 선택했습니다. 번호를 지우거나 다른 것을 선택해 주세요.
people-error-too-many = { $most }명까지만 추가할 수 있습니다. 목록에서 한 명을 삭제한 뒤 다시 추가해 주세요.
people-error-me-twice = ‘나’는 이미 목록에 있습니다. 다른 관계를 선택해 주세요.
people-error-has-booking = 예약이 있으면 이름, 생년월일, 전화번호를 바꿀 수 없습니다. 먼저 예약을 취소하거나 접종 기관에 전화해 주세요.
people-error-gone = 이분은 목록에서 삭제되었습니다. 필요하면 다시 추가해 주세요.

people-remove-title = { $name } 님을 목록에서 삭제하시겠습니까?
people-remove-text = 이분의 예약은 취소되지 않고 그대로 남습니다. 나중에 다시 추가할 수 있습니다.
people-remove-coming = 앞으로의 예약이 { $count }건 있습니다. 예약도 없애려면 먼저 취소해 주세요.
people-remove-yes = 목록에서 삭제
people-remove-no = 삭제하지 않기
