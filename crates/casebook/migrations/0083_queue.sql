-- The most urgent cases in one state, however few they are among all.
CREATE INDEX cases_by_status_urgency ON cases (status, urgency, id);
