// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strconv"

// ID is the stable number of a kind of finding, 1000 to 1999. A number is never given to another finding.
type ID uint16

// String returns the id as logs show it: GOJK1001.
func (id ID) String() string { return "GOJK" + strconv.Itoa(int(id)) }

// Findings about the text of workers.properties and JkWorkerProperty.
const (
	idUnreadable     ID = 1000
	idLineTooLong    ID = 1001
	idNulByte        ID = 1002
	idByteOrderMark  ID = 1003
	idIgnoredLine    ID = 1004
	idEmptyValue     ID = 1005
	idSecretCut      ID = 1006
	idUnsupported    ID = 1007
	idDeprecated     ID = 1008
	idDuplicate      ID = 1009
	idUnresolved     ID = 1010
	idTooManyVars    ID = 1011
	idEmptyVariable  ID = 1012
	idNoWorkerName   ID = 1013
	idValueTooLong   ID = 1014
	idRefNotFound    ID = 1020
	idRefLoop        ID = 1021
	idRefDepth       ID = 1022
	idRefUnsupported ID = 1023
)

// Findings about values of properties.
const (
	idNotNumber  ID = 1030
	idNumberRest ID = 1031
	idOutOfRange ID = 1032
	idBadPort    ID = 1033
	idNotBoolean ID = 1034
	idNotChoice  ID = 1035
	idTooLong    ID = 1036
	idListEntry  ID = 1037
	idPingMode   ID = 1038
	idBadHost    ID = 1039
	idWrongType  ID = 1040
	idNoEffect   ID = 1041

	idTwoPorts     ID = 1042
	idBadPath      ID = 1043
	idBesideSocket ID = 1044
	idUnusedName   ID = 1045
)

// Findings about workers.
const (
	idUnknownType   ID = 1050
	idRemovedType   ID = 1051
	idUndefined     ID = 1052
	idTwiceInList   ID = 1053
	idNoMembers     ID = 1054
	idMemberType    ID = 1055
	idSameRoute     ID = 1056
	idNoList        ID = 1058
	idMaintainOff   ID = 1059
	idPoolZero      ID = 1060
	idPoolMin       ID = 1061
	idNoContact     ID = 1062
	idRedirect      ID = 1063
	idMountUnlisted ID = 1064
)

// Findings about directives and mounts.
const (
	idMainOnly       ID = 1070
	idDirectiveArgs  ID = 1071
	idNotDirective   ID = 1072
	idMountCopy      ID = 1073
	idLogLevel       ID = 1074
	idStampFormat    ID = 1075
	idShmSize        ID = 1076
	idOption         ID = 1077
	idOptionDead     ID = 1078
	idRequestLog     ID = 1079
	idMountURI       ID = 1080
	idMountAgain     ID = 1081
	idMountUnknown   ID = 1082
	idExtUnknown     ID = 1083
	idExtValue       ID = 1084
	idExtRepeated    ID = 1085
	idExtConflict    ID = 1086
	idExtNotBalancer ID = 1087
	idExtMember      ID = 1088
	idExtExclusion   ID = 1089
	idMountUnlistedW ID = 1090
	idMapRule        ID = 1091
	idMapVariable    ID = 1092
	idFileAgain      ID = 1093
	idOnOff          ID = 1094
	idAutoAlias      ID = 1095
	idCopyInMain     ID = 1096
	idMoreLost       ID = 1098
	idMore           ID = 1099
)

// finding describes a kind of finding.
type finding struct {
	id       ID
	severity Severity
	lost     bool
	meaning  string
}

// Whether a warning stands for something that is written and lost: a line, a rule, a worker, or a value without sense that the default replaces.
// At a start httpd goes on without it, as mod_jk does. A reload that would lose something is refused. Every Failure refuses a reload.
const (
	kept = false
	lost = true
)

// findings is the table of all of them.
var findings = []finding{
	{idUnreadable, Failure, lost, "a file that a directive names cannot be read"},
	{idLineTooLong, Failure, lost, "a line is longer than 8191 bytes"},
	{idNulByte, Failure, lost, "a line holds a NUL byte"},
	{idByteOrderMark, Warning, kept, "the file begins with a byte order mark"},
	{idIgnoredLine, Warning, lost, "a line without '=' or without a name is ignored"},
	{idEmptyValue, Warning, lost, "a property without a value is ignored"},
	{idSecretCut, Warning, lost, "a '#' cuts a secret short"},
	{idUnsupported, Failure, lost, "no such attribute of a worker"},
	{idDeprecated, Warning, kept, "a deprecated attribute"},
	{idDuplicate, Warning, kept, "a property is set twice"},
	{idUnresolved, Warning, lost, "a $(name) that nothing defines"},
	{idTooManyVars, Warning, lost, "more than 21 variables in a value"},
	{idEmptyVariable, Warning, lost, "a value is empty once its variables are replaced"},
	{idNoWorkerName, Warning, lost, "an attribute without a worker's name"},
	{idValueTooLong, Failure, lost, "a value is longer than 64 KiB once its variables are replaced"},
	{idRefNotFound, Failure, lost, "a reference to nothing"},
	{idRefLoop, Failure, lost, "references that lead back to where they began"},
	{idRefDepth, Failure, lost, "references nested too deeply"},
	{idRefUnsupported, Warning, lost, "a template holds an attribute that no worker has"},
	{idNotNumber, Warning, lost, "not a number, or too large a one"},
	{idNumberRest, Warning, kept, "text after a number"},
	{idOutOfRange, Warning, kept, "a number outside its range"},
	{idBadPort, Warning, lost, "not a port"},
	{idNotBoolean, Warning, lost, "neither true nor false"},
	{idNotChoice, Warning, lost, "none of the words that a property accepts"},
	{idTooLong, Failure, lost, "a name longer than 63 bytes"},
	{idListEntry, Warning, lost, "an entry of a list that is not a status"},
	{idPingMode, Warning, lost, "a letter that ping_mode does not have"},
	{idBadHost, Failure, lost, "neither a host nor a host with a port"},
	{idWrongType, Warning, kept, "an attribute that a worker of this type does not have"},
	{idNoEffect, Warning, kept, "an attribute that is accepted and does nothing"},
	{idTwoPorts, Failure, lost, "a port, and another one behind the host"},
	{idBadPath, Failure, lost, "not an absolute path, or too long a one"},
	{idBesideSocket, Warning, kept, "an attribute that has no effect beside a socket"},
	{idUnusedName, Warning, kept, "a name longer than 63 bytes that only a member would need"},
	{idUnknownType, Failure, lost, "no such type of worker"},
	{idRemovedType, Failure, lost, "a type of worker that mod_jk had and mod_gojk does not"},
	{idUndefined, Warning, lost, "a worker of which nothing is defined"},
	{idTwiceInList, Warning, kept, "a worker twice in a list"},
	{idNoMembers, Failure, lost, "a balancer without members"},
	{idMemberType, Failure, lost, "a member that is not of type ajp13"},
	{idSameRoute, Failure, lost, "two members of a balancer with the same route"},
	{idNoList, Warning, lost, "workers are defined, but worker.list is not"},
	{idMaintainOff, Warning, kept, "maintenance is switched off"},
	{idPoolZero, Warning, kept, "a worker without endpoints"},
	{idPoolMin, Warning, kept, "connection_pool_minsize above connection_pool_size"},
	{idNoContact, Notice, kept, "port 0: no contact"},
	{idRedirect, Warning, kept, "a redirect to a route that no member has"},
	{idMountUnlisted, Warning, lost, "a mount property of a worker that is not in worker.list"},
	{idMainOnly, Failure, lost, "a directive of the main server inside a VirtualHost"},
	{idDirectiveArgs, Failure, lost, "a directive with the wrong number of arguments"},
	{idNotDirective, Failure, lost, "a directive that the library does not know"},
	{idMountCopy, Failure, lost, "not an argument of JkMountCopy"},
	{idLogLevel, Warning, kept, "not a log level"},
	{idStampFormat, Warning, kept, "something in JkLogStampFormat is not done as written"},
	{idShmSize, Notice, kept, "JkShmSize is ignored"},
	{idOption, Failure, lost, "not an option of JkOptions"},
	{idOptionDead, Warning, kept, "an option of JkOptions without effect"},
	{idRequestLog, Warning, kept, "not a token of JkRequestLogFormat"},
	{idMountURI, Failure, lost, "a mount that does not begin with '/'"},
	{idMountAgain, Warning, kept, "a URI is mounted twice"},
	{idMountUnknown, Warning, lost, "a mount to a worker that does not exist"},
	{idExtUnknown, Warning, lost, "no such rule extension"},
	{idExtValue, Warning, lost, "a rule extension with a value that it does not take"},
	{idExtRepeated, Warning, kept, "a rule extension is given twice"},
	{idExtConflict, Warning, kept, "a member with two activations in one rule"},
	{idExtNotBalancer, Warning, kept, "a rule extension for balancers on another worker"},
	{idExtMember, Warning, lost, "a rule extension names a member that the balancer does not have"},
	{idExtExclusion, Warning, kept, "rule extensions on an exclusion"},
	{idMountUnlistedW, Warning, lost, "a mount to a worker that is not in worker.list"},
	{idMapRule, Warning, lost, "a line of a mount file that is no rule"},
	{idMapVariable, Warning, kept, "a line of a mount file that only defines a variable"},
	{idFileAgain, Warning, kept, "JkMountFile twice in a server"},
	{idOnOff, Failure, lost, "neither On nor Off"},
	{idAutoAlias, Warning, kept, "JkAutoAlias with a path that is not absolute"},
	{idCopyInMain, Warning, kept, "JkMountCopy On in the main server"},
	{idMoreLost, Notice, lost, "findings that are not shown, of kinds that refuse a reload"},
	{idMore, Notice, kept, "other findings that are not shown"},
}

// row returns the row of a kind of finding.
func (id ID) row() finding {
	for i := range findings {
		if findings[i].id == id {
			return findings[i]
		}
	}
	return finding{id: id, severity: Failure, lost: lost}
}

// severity returns the severity of a kind of finding.
func (id ID) severity() Severity { return id.row().severity }
