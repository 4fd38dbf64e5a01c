"""What is due in, done by this process or handed to many: the two executors of the schedule, and the workers.

The database's row says who may look at a source; a message only hints at it. So a message that is lost, or comes
twice, a worker that dies and two schedulers at once do no harm: the lease ends, and the source is claimed again.
Importing this package, or `feedsvc.work.local`, needs no queue to be installed.
"""

#: The election of the one, of many processes on a database, that publishes and tells others of it.
PUBLISHING = "publishing"
