DROP TABLE vaccination;
DROP TABLE visit;
DROP TABLE lot;
