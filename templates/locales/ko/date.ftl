# 날짜와 시각. $weekday는 1(월)부터 7(일)까지입니다.
date-full = { $year }년 { $month }월 { $day }일 ({ date-weekday })
date-short = { $month }월 { $day }일 ({ date-weekday })
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
date-time-of-day =
    { $half ->
        [midnight] 자정
        [noon] 낮
        [am] 오전
       *[pm] 오후
    } { $hour }:{ $minute }
date-and-time = { $date } { $time }
