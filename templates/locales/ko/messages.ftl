# 문자와 이메일. 통신사는 EUC-KR 글자만 받으므로 그 밖의 글자(긴 줄표, 굽은 어깨표 등)를 쓰지 않습니다.
# 인증번호 문자는 90바이트, 문자 제목은 40바이트를 넘지 않아야 합니다. 시험이 길이를 잽니다.

message-brand = [순번]

message-code = 인증번호 { $code } ({ $minutes }분)
message-code-warning = 남에게 알려 주지 마세요.

message-turn = 예약 차례는 { $date } { $time }쯤입니다.
message-turn-now = 지금 예약할 차례입니다.
message-turn-unknown = 예약 차례를 확인해 주세요.

message-confirmation-subject = [순번] 예약 확정
message-confirmation-lead = 백신 접종 예약이 확정되었습니다.
message-confirmation-lead-count = 백신 접종 예약 { $count }건이 확정되었습니다.
message-change-subject = [순번] 예약 변경
message-change-lead = 백신 접종 예약이 바뀌었습니다. 새 시간과 장소를 확인해 주세요.
message-change-lead-count = 백신 접종 예약 { $count }건이 바뀌었습니다. 새 시간과 장소를 확인해 주세요.
message-cancellation-subject = [순번] 예약 취소
message-cancellation-lead = 백신 접종 예약이 취소되었습니다.
message-cancellation-lead-count = 백신 접종 예약 { $count }건이 취소되었습니다.
message-reminder-subject = [순번] 예약일 안내
message-reminder-lead = 백신 접종 예약일이 다가왔습니다.
message-reminder-lead-count = 백신 접종 예약 { $count }건의 날짜가 다가왔습니다.
message-second-dose-reminder-subject = [순번] 다음 접종 안내
message-second-dose-reminder-lead = 다음 접종 예약일이 다가왔습니다. 정해진 간격에 맞춰 접종받아 주세요.
message-second-dose-reminder-lead-count = 다음 접종 예약 { $count }건의 날짜가 다가왔습니다.

message-booked-by-other = 가족이나 돌보는 분이 대신 예약했습니다.
message-what = { $person } 님, { $campaign }, { $product }
message-what-dose = { $person } 님, { $campaign }, { $product } { $dose }차
message-brief = { $person } 님 { $date } { $time } 예약번호 { $reference }
message-brief-dose = { $person } 님 { $dose }차 { $date } { $time } 예약번호 { $reference }
message-reference = 예약번호 { $reference }
message-site-phone = 전화 { $phone }
message-bring = 신분증을 가져와 주세요. 열이 나거나 몸이 아프면 날짜를 바꿔 주세요.
message-link-manage = 예약 확인·변경·취소
message-link-again = 다시 예약하기

message-care-notice-subject = [순번] 예약 연락처 안내
message-care-notice-lead = 다른 분이 이 번호를 연락처로 적어 백신 접종을 예약했습니다.
message-care-notice-quiet = 직접 확인하기 전에는 이 번호로 다시 안내하지 않습니다. 모르는 일이면 그냥 두어도 됩니다.
message-care-notice-link = 내용 보기

message-email-check-subject = [순번] 이메일 인증번호
message-email-check-lead = 인증번호는 { $code }입니다.
message-email-check-words = { $minutes }분 안에 예약 화면에 입력해 주세요. 요청한 적이 없으면 이 메일을 지워 주세요.

message-test = 시험으로 보낸 안내입니다. 할 일은 없습니다.
message-test-subject = [순번] 시험 안내

message-phone-changed-notice-subject = [순번] 휴대전화 번호 변경
message-phone-changed-notice-lead = 백신 접종 예약에 쓰는 휴대전화 번호를 다른 번호로 바꾸었습니다.
message-phone-changed-notice-words = 앞으로 안내는 새 번호로 보냅니다. 직접 바꾸지 않았으면 예약한 접종 기관에 바로 전화해 주세요.

# 답장에 이 말이 있으면 예약을 취소하려는 것으로 읽는다.
message-reply-word = 취소
message-reply-hint = 문자로 취소하려면 '취소'와 예약번호를 답장으로 보내 주세요.
message-cancel-code-subject = [순번] 예약 취소 확인
message-cancel-code-lead = 아래 예약을 취소하려면 { $minutes }분 안에 인증번호를 답장으로 보내 주세요. 인증번호 { $code }
message-cancel-code-again = 아직 취소되지 않았습니다. 아래 예약을 취소하려면 인증번호를 다시 답장으로 보내 주세요. 인증번호 { $code }
message-cancel-code-quiet = 취소하지 않으려면 답장하지 마세요. 예약은 그대로 있습니다.
message-cancel-unknown-subject = [순번] 예약 취소 안내
message-cancel-unknown-lead = 예약이 취소되지 않았습니다. 어느 예약인지 알 수 없거나, 인증번호가 틀렸거나 시간이 지났습니다.
message-cancel-unknown-words = '취소'와 예약번호를 함께 답장으로 보내 주세요. 예: 취소 ABCD-EFGH. 예약번호는 예약 안내 문자에 있습니다.
message-cancel-late-subject = [순번] 취소할 수 없는 예약
message-cancel-late-lead = 이 예약은 이제 취소할 수 없습니다. 이미 취소되었거나 예약 시간이 지났습니다.

message-displaced-subject = [순번] 예약 시간을 다시 정해 주세요
message-displaced-lead = { $what }: { $site }의 사정으로 { $time }에 접종할 수 없게 되었습니다.
message-displaced-kept = 가까운 자리를 { $until }까지 비워 두었습니다.
message-displaced-link-kept = 이 시간으로 정하거나 다른 시간 선택하기
message-displaced-link = 다른 시간 선택하기
message-offer-subject = [순번] 남은 백신 안내
message-offer-lead = { $person } 님이 맞을 수 있는 백신이 남았습니다. { $answer }까지 답해 주세요. 그 뒤에는 다음 분에게 안내합니다.
message-offer-come = 오늘 { $time }까지 오면 됩니다.
message-offer-link = 받기 또는 거절하기

message-aftercare-subject = [순번] 접종 후 안내
message-aftercare-lead = 접종이 기록되었습니다: { $what }.
message-aftercare-rest = 15~30분 동안 접종 기관에 머물러 주세요. 오늘은 쉬어 주세요. 팔이 아프거나 피곤하고 미열이 나는 것은 흔하며 이틀 안에 나아집니다.
message-aftercare-help = 숨쉬기 어렵거나 얼굴이 붓거나 두드러기가 퍼지면 바로 119에 전화해 주세요. 열이 이틀 넘게 나면 진료를 받아 주세요.
message-aftercare-next = 다음 접종 예약:
message-aftercare-book = 다음 접종 예약하기

message-already-booked-notice-subject = [순번] 예약 시도 안내
message-already-booked-notice-lead = 누군가 같은 이름과 생년월일로 백신 접종을 다시 예약하려고 했습니다.
message-already-booked-notice-words = 이미 { $campaign } 예약이 있어 새로 예약하지 않았습니다. 지금 예약은 그대로입니다.

message-letter-footer = 자동으로 보낸 메일입니다. 답장은 읽지 못합니다.
message-calendar-summary = 백신 접종 ({ $person })
