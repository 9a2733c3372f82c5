# 예약을 확정한 뒤의 화면.

done-title = 예약이 확정되었습니다
done-told = 안내 문자를 받는 휴대전화:
done-told-email = 이메일로도 보냅니다.
done-see = 예약 보기
done-see-qr = 예약과 QR 코드 보기
done-change = 바꾸거나 취소하려면
done-change-text = 접종 시간 전까지 이 사이트에서 바꾸거나 취소할 수 있습니다. 예약한 휴대전화나 예약번호로 찾아 주세요.
done-bookings = 예약 확인·변경·취소
