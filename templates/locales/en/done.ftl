# After a booking was confirmed.

done-title = Your booking is confirmed
done-told = Phones that get messages:
done-told-email = We send you an e-mail too.
done-see = See the booking
done-see-qr = See the booking and its QR code
done-change = If you want to change or cancel
done-change-text = You can change or cancel on this site until the appointment begins. Find your booking by the phone you booked with, or by its reference.
done-bookings = See, change or cancel
