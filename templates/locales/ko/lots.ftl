# 접종 기관의 백신 제조번호.

lots-title = 백신 제조번호
lots-none = 아직 등록한 제조번호가 없습니다.
lots-until = { $date }까지 접종할 수 있습니다.
lots-is-recalled = 회수됨
lots-has-expired = 유효기간 지남
lots-recall = 모든 접종 기관에서 회수하기
lots-recalled = 모든 접종 기관에서 회수로 표시했습니다.
lots-added = 제조번호를 등록했습니다.
lots-add = 새로 들어온 백신
lots-expires = 접종할 수 있는 마지막 날
lots-add-button = 제조번호 등록하기
lots-error-product = 백신을 선택해 주세요.
lots-error-number = 상자에 적힌 제조번호를 { $most }자 안으로 입력해 주세요.
lots-error-date = 마지막 날을 2026-11-24처럼 입력해 주세요.
lots-error-expired = 이미 지난 날입니다. 유효기간을 확인해 주세요.
lots-error-other-day = 이미 다른 마지막 날로 등록한 제조번호입니다. 상자를 확인해 주세요.
lots-error-recalled = 회수된 제조번호입니다. 접종에 쓰지 마세요.
lots-lifted = 이 제조번호를 다시 쓸 수 있습니다.
recall-sites = 이 제조번호는 { $sites }곳에 있습니다.
recall-people =
    { $people ->
        [0] 맞은 기록은 없습니다.
       *[other] { $people }명이 맞았습니다.
    }
recall-file = 맞은 모든 분의 목록(CSV)
recall-text = 회수하면 어느 기관에서도 기록할 수 없습니다. 이미 맞은 분에게 따로 알리지는 않습니다.
recall-lift-text = 회수되어 어디에서도 기록할 수 없습니다.
recall-lift = 회수 취소
recall-who = 회수됨: 맞은 분 보기
