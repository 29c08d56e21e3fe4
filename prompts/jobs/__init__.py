"""What runs in the background: the row is the job.

`leases` holds the abstract model and its transitions, `wake` what rouses an idle worker, `runs`
what a job does, `worker` the loop.
"""
