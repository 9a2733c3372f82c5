# 예약을 여는 날 저녁을 맡은 보건 당국이 보는 화면.

doors-title = 입장을 살펴볼 예방접종을 선택해 주세요
doors-none = 예고된 예약 시작이 없습니다.
doors-opens = { $when }에 열립니다.
doors-announced = 예고했습니다.
doors-joining = 차례를 확인할 수 있습니다. 아직 아무도 들어가지 않습니다.
doors-entering = 차례대로 들어가고 있습니다.
doors-over = 끝났습니다. 누구나 바로 들어갑니다.
doors-menu = 입장 관리

doors-door-title = { $campaign } 입장 현황
doors-not-drawn = 아직 추첨하지 않았습니다.
doors-again = 다시 저절로 확인하기
doors-still = { $time } 뒤로 입장이 움직이지 않았습니다. 서비스와 데이터베이스를 확인해 주세요.
doors-nobody = 아직 아무도 차례를 확인하지 않았습니다.
doors-paused = 입장을 멈추었습니다. 아무도 새로 들어가지 않습니다.
doors-pace-automatic = 속도를 자동으로 정합니다. 동시에 { $sessions }명까지 예약합니다.
doors-pace-fixed = 빈자리에 상관없이 1초에 { $people }명씩 들어갑니다.
doors-asked = 차례를 확인한 전화번호(약)
doors-admitted = 들어간 전화번호
doors-booked = 예약된 자리
doors-sessions = 지금 예약하는 분
doors-sessions-of = 최대 { $cap }명 중 { $alive }명
doors-cap = 최대 인원
doors-note = 알림
doors-ms = { $ms }ms
doors-step = 예약 화면 응답 (1000분의 1초)

doors-acts = 할 일을 선택해 주세요
doors-pause = 입장 멈추기
doors-pause-ask = 입장 멈추기…
doors-resume = 다시 들여보내기
doors-slower = 들어가는 속도 10% 줄이기
doors-faster = 들어가는 속도 10% 올리기
doors-automatic = 속도 자동으로 정하기
doors-open = 모두 들여보내기
doors-open-ask = 모두 들여보내기…
doors-write = 속도를 정하거나 알림 쓰기
doors-people = 1초에 들어갈 인원
doors-pace = 이 속도로 정하기
doors-say-ko = 한국어 알림
doors-say-en = 영어 알림
doors-say-hint = 기다리는 모든 분의 화면에 나옵니다. 둘 다 비우면 알림이 사라집니다.
doors-say = 알림 올리기
doors-error-people = 1초에 몇 명이 들어갈지 120처럼 숫자로 입력해 주세요.
doors-error-both = 알림을 두 언어로 모두 입력해 주세요.

doors-sure-pause = 정말 입장을 멈추시겠습니까?
doors-sure-pause-text = 다시 들여보낼 때까지 아무도 새로 들어가지 않습니다. 이미 들어간 분은 예약을 마칠 수 있고, 차례는 그대로입니다.
doors-sure-open = 정말 모두 들여보내시겠습니까?
doors-sure-open-text = 기다리는 분이 모두 곧바로 들어갑니다. 되돌릴 수 없습니다. 한번 온 차례는 없어지지 않습니다.

doors-done-pause = 입장을 멈추었습니다. 누가 했는지 기록했습니다.
doors-done-resume = 다시 들여보냅니다. 누가 했는지 기록했습니다.
doors-done-slower = 들어가는 속도를 10% 줄였습니다. 누가 했는지 기록했습니다.
doors-done-faster = 들어가는 속도를 10% 올렸습니다. 누가 했는지 기록했습니다.
doors-done-automatic = 속도를 자동으로 정합니다. 누가 했는지 기록했습니다.
doors-done-open = 모두 들여보내고 있습니다. 누가 했는지 기록했습니다.
doors-done-pace = 속도를 정했습니다. 누가 했는지 기록했습니다.
doors-done-say = 기다리는 분이 모두 읽을 수 있습니다. 누가 했는지 기록했습니다.

doors-evening = 지금까지의 입장
doors-chart = 열린 때부터 지금까지입니다. 가장 큰 값: { $most }. 숫자는 아래 표에 있습니다.
doors-open-until = { $time }까지 온 분
doors-chart-open = 차례가 온 번호
doors-chart-came = 들어간 전화번호(실선), 예약된 자리(점선)
doors-chart-sessions = 지금 예약하는 분(실선), 최대 인원(점선)
doors-chart-steps = 예약 단계의 95%가 걸리는 시간
