# 날짜와 시각. $weekday는 1(월)부터 7(일)까지입니다.
date-full = { $year }년 { $month }월 { $day }일({ date-weekday })
date-short = { $month }월 { $day }일({ date-weekday })
date-weekday =
    { $weekday ->
        [1] 월
        [2] 화
        [3] 수
        [4] 목
        [5] 금
        [6] 토
       *[7] 일
    }
# 밤 12시는 앞날의 끝으로도 읽히므로 0시, 0시 30분이라고 합니다.
date-time-of-day =
    { $half ->
        [midnight] 0시
        [noon] 낮 12시
        [am] 오전 { $hour ->
            [12] 0
           *[other] { $hour }
        }시{ date-minutes }
       *[pm] 오후 { $hour }시{ date-minutes }
    }
date-minutes =
    { $minute ->
        [0] { "" }
       *[other] { " " }{ $minute }분
    }
date-and-time = { $date } { $time }
