DROP TABLE stock_entry;
