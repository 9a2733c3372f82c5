# After a booking was confirmed.

done-title = You are booked
done-told = Phones that get messages:
done-told-email = We send an e-mail too.
done-see = See the booking
done-see-qr = See the booking and its QR code
done-change = To change or cancel
done-change-text = You can change or cancel on this site until the appointment begins. Find it with the phone you booked with, or with the reference.
done-bookings = See, change or cancel
