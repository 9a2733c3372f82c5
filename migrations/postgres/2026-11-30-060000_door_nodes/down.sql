DROP TABLE door_node;
