DROP TABLE seat_change;
DROP TABLE free_day;
