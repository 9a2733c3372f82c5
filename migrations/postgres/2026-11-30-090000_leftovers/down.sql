DROP TABLE offer;
DROP TABLE leftover;
DROP TABLE standby_day;
DROP TABLE standby_site;
DROP TABLE standby;
