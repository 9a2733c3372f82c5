DROP TABLE door_second;
DROP TABLE admission;
DROP TABLE door_state;
DROP TABLE opening;
