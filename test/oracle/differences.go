package main

// Difference is a row of the table of deliberate differences.
type Difference struct {
	ID     string // what steps name in Differs
	Reason string // number in section 12 of the description of mod_jk, or the version that changed it, and the stance
	Jk     string // what mod_jk 1.2.48 does
	Gojk   string // what mod_gojk does
}

// differences is the table. Every row is shown by at least one step.
func differences() []Difference {
	return []Difference{
		{
			"route of a domain", "not in section 12: a pointer to a variable that is gone; fix",
			"a member chosen by domain: the AJP attribute route and the note JK_WORKER_ROUTE are whatever lies in memory",
			"the domain",
		},
	}
}
