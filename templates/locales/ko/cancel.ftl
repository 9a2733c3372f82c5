# 예약을 취소하는 화면.

cancel-title = 예약을 취소하시겠습니까?
cancel-what-happens = 취소하면 이 자리는 바로 다른 분이 예약할 수 있습니다. 되돌릴 수 없습니다.
cancel-later = 다음 접종도 함께 취소됩니다.
cancel-or-change = 다른 날에 접종받으려면 취소하지 않고 바꾸면 됩니다. 새 자리를 얻을 때까지 지금 자리는 그대로 있습니다.
cancel-do = 예약 취소하기
cancel-keep = 예약 그대로 두기
cancel-changed-meanwhile = 그사이에 예약이 바뀌었습니다. 아래 내용을 다시 확인해 주세요.
cancel-late-title = 지금은 취소할 수 없습니다
cancel-late-text = 접종 시간이 되었거나 이미 접종을 마친 예약입니다. 궁금한 것은 접종 기관에 물어봐 주세요.
