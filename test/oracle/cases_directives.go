package main

import (
	"slices"
	"strings"
)

// directiveCases: what each directive takes, and where. Whether httpd starts is what is compared; the texts differ.
func directiveCases() []Case {
	var cases []Case
	add := func(name, config string) {
		cases = append(cases, Case{
			Name: "directives/" + name, Workers: one(), Config: config, Ports: 2,
			Beside: map[string]string{mapFile: "/x=a\n", "folder/file": "x\n"}, Files: map[string]string{"d/x": "x\n"},
		})
	}
	for _, d := range badArguments {
		directive, _, _ := strings.Cut(d.text, " ")
		add(directive+": "+d.name, direct+d.text+"\n")
	}
	everywhere := strings.Join(goodArguments, "\n") + "\n"
	add("all in main", direct+everywhere+strings.Join(mainArguments, "\n")+"\n")
	add("all in a virtual host", vhosts(direct, everywhere))
	for _, d := range mainArguments {
		add("in a virtual host: "+d, vhosts(direct, d+"\n"))
	}
	for _, d := range slices.Concat(goodArguments, mainArguments, []string{"JkMount a", "JkUnMount a"}) {
		add("in a Location: "+d, direct+"<Location /y>\n"+d+"\n</Location>\n")
	}
	for _, section := range []string{"<Directory ${HTDOCS}>", "<Files x>", "<If \"true\">", "<LocationMatch x>", "<Proxy *>", "<Limit GET>"} {
		name, _, _ := strings.Cut(strings.Trim(section, "<>"), " ")
		add("JkMount in <"+name+">", section+"\nJkMount a\n</"+name+">\n")
	}
	return append(cases, htaccessCases()...)
}

// badArgument is a line that some would refuse.
type badArgument struct{ name, text string }

// badArguments are the directives with too few arguments, too many, empty ones and wrong ones.
var badArguments = []badArgument{
	{"nothing", "JkMountFile"}, {"two", "JkMountFile a b"}, {"empty", "JkMountFile \"\""}, {"missing", "JkMountFile ${DIR}/missing"}, {"a folder", "JkMountFile ${DIR}/folder"}, {"a missing folder", "JkMountFile ${DIR}/missing/file"},
	{"nothing", "JkMountFileReload"}, {"no number", "JkMountFileReload soon"}, {"negative", "JkMountFileReload -1"}, {"a number with a unit", "JkMountFileReload 10s"}, {"huge", "JkMountFileReload 99999999999"}, {"empty", "JkMountFileReload \"\""}, {"two", "JkMountFileReload 1 2"},
	{"nothing", "JkAutoAlias"}, {"two", "JkAutoAlias a b"}, {"empty", "JkAutoAlias \"\""}, {"missing", "JkAutoAlias ${DIR}/missing"},
	{"nothing", "JkStripSession"}, {"no word", "JkStripSession maybe"}, {"identifier only", "JkStripSession ;sid"}, {"three", "JkStripSession On ;a ;b"}, {"yes", "JkStripSession yes"}, {"1", "JkStripSession 1"}, {"empty identifier", "JkStripSession On \"\""},
	{"nothing", "JkRequestLogFormat"}, {"two", "JkRequestLogFormat %m %U"}, {"empty", "JkRequestLogFormat \"\""}, {"unknown token", "JkRequestLogFormat %z"}, {"blank", "JkRequestLogFormat \" \""},
	{"nothing", "JkLogLevel"}, {"empty", "JkLogLevel \"\""}, {"two", "JkLogLevel info warn"}, {"number", "JkLogLevel 3"},
	{"nothing", "JkLogStampFormat"}, {"empty", "JkLogStampFormat \"\""}, {"two", "JkLogStampFormat a b"},
	{"nothing", "JkLogFile"}, {"empty", "JkLogFile \"\""}, {"a folder", "JkLogFile ${DIR}/folder"}, {"missing program", "JkLogFile |/missing/program"}, {"relative", "JkLogFile other.log"}, {"twice", "JkLogFile ${DIR}/1.log\nJkLogFile ${DIR}/2.log"},
	{"nothing", "JkShmFile"}, {"empty", "JkShmFile \"\""}, {"relative", "JkShmFile other.shm"}, {"a folder", "JkShmFile ${DIR}/folder"}, {"twice", "JkShmFile ${DIR}/1\nJkShmFile ${DIR}/2"},
	{"nothing", "JkShmSize"}, {"0", "JkShmSize 0"}, {"negative", "JkShmSize -5"}, {"word", "JkShmSize large"}, {"huge", "JkShmSize 200000"}, {"empty", "JkShmSize \"\""},
	{"nothing", "JkWatchdogInterval"}, {"negative", "JkWatchdogInterval -1"}, {"word", "JkWatchdogInterval soon"}, {"two", "JkWatchdogInterval 1 2"}, {"0", "JkWatchdogInterval 0"},
	{"nothing", "JkWorkersFile"}, {"empty", "JkWorkersFile \"\""}, {"a second one", "JkWorkersFile ${DIR}/" + mapFile}, {"a folder", "JkWorkersFile ${DIR}/folder"},
	{"nothing", "JkWorkerProperty"}, {"empty", "JkWorkerProperty \"\""}, {"no equals sign", "JkWorkerProperty worker.list"}, {"no value", "JkWorkerProperty worker.a.port="}, {"no name", "JkWorkerProperty =1"}, {"unknown", "JkWorkerProperty worker.a.surprise=1"}, {"blanks", "JkWorkerProperty worker.a.retries = 2"},
	{"a variable", "JkWorkerProperty anything=1"}, {"unknown without a dot", "JkWorkerProperty surprise"}, {"hash", "JkWorkerProperty worker.a.secret=a#b"},
	{"nothing", "JkMount"}, {"one", "JkMount /x"}, {"three", "JkMount /x a b"}, {"no slash", "JkMount x a"}, {"exclamation mark", "JkMount !/x a"}, {"dash", "JkMount -/x a"}, {"empty pattern", "JkMount \"\" a"}, {"empty worker", "JkMount /x \"\""}, {"star", "JkMount *.jsp a"}, {"unknown worker", "JkMount /x nobody"},
	{"bar without a slash", "JkMount |/x a"}, {"extension", "JkMount /x a;reply_timeout=1"}, {"wrong extension", "JkMount /x a;surprise=1"}, {"semicolon only", "JkMount /x ;"}, {"extension without a worker", "JkMount /x ;reply_timeout=1"}, {"blank in quotes", "JkMount \"/x y\" a"}, {"very long pattern", "JkMount /" + strings.Repeat("x", 5000) + " a"},
	{"nothing", "JkUnMount"}, {"one", "JkUnMount /x"}, {"no slash", "JkUnMount x a"}, {"star", "JkUnMount /x *"}, {"unknown worker", "JkUnMount /x nobody"}, {"extension", "JkUnMount /x a;reply_timeout=1"},
	{"nothing", "JkMountCopy"}, {"no word", "JkMountCopy some"}, {"yes", "JkMountCopy yes"}, {"empty", "JkMountCopy \"\""}, {"two", "JkMountCopy On Off"}, {"capital letters", "JkMountCopy ALL"},
	{"nothing", "JkOptions"}, {"empty", "JkOptions \"\""}, {"sign only", "JkOptions +"}, {"two signs", "JkOptions +-DisableReuse"}, {"minus mode", "JkOptions -ForwardURICompat"}, {"minus another mode", "JkOptions -ForwardURICompatUnparsed"}, {"minus escaped mode", "JkOptions -ForwardURIEscaped"}, {"unknown minus", "JkOptions -Surprise"},
	{"one unknown of many", "JkOptions +DisableReuse +Surprise +FlushHeader"}, {"old name", "JkOptions +ForwardSSLKeySize"}, {"part of a name", "JkOptions +Forward"}, {"blank behind the sign", "JkOptions + DisableReuse"}, {"comma", "JkOptions +DisableReuse,+FlushHeader"}, {"collapse", "JkOptions -CollapseSlashesNone"}, {"all addresses", "JkOptions +ForwardLocalAddress +ForwardPhysicalAddress"},
	{"nothing", "JkEnvVar"}, {"empty", "JkEnvVar \"\""}, {"three", "JkEnvVar A b c"}, {"equals sign", "JkEnvVar A=b"}, {"blank name", "JkEnvVar \" \""},
	{"nothing", "JkExtractSSL"}, {"no word", "JkExtractSSL maybe"}, {"yes", "JkExtractSSL yes"}, {"empty", "JkExtractSSL \"\""}, {"two", "JkExtractSSL On Off"},
	{"nothing", "JkWorkerIndicator"}, {"empty", "JkWorkerIndicator \"\""}, {"two", "JkWorkerIndicator A B"}, {"nothing", "JkRemoteAddrIndicator"}, {"empty", "JkRemoteAddrIndicator \"\""}, {"nothing", "JkHTTPSIndicator"}, {"empty", "JkHTTPSIndicator \"\""}, {"empty", "JkCERTCHAINPrefix \"\""}, {"blank", "JkCIPHERIndicator \" \""}, {"empty", "JkLocalAddrIndicator \"\""}, {"two", "JkKEYSIZEIndicator A B"},
	{"unknown", "JkSurprise 1"}, {"case", "JKMOUNTCOPY off"},
}

// mainArguments are directives for the main server only.
var mainArguments = []string{"JkWorkerProperty worker.a.retries=2", "JkShmFile ${DIR}/other.shm", "JkShmSize 100", "JkWatchdogInterval 60", "JkMountCopy All"}

// goodArguments are the directives as they are meant, for the main server and virtual hosts.
var goodArguments = []string{
	"JkMountFile ${DIR}/" + mapFile, "JkMountFileReload 10", "JkMount /x a", "JkUnMount /x a", "JkMountCopy On", "JkMountCopy Off",
	"JkAutoAlias ${HTDOCS}", "JkStripSession On", "JkStripSession On ;sid", "JkLogFile ${DIR}/other.log", "JkLogLevel debug", "JkLogStampFormat \"%H \"", "JkRequestLogFormat %m", "JkWorkerIndicator X", "JkRemoteAddrIndicator X", "JkRemotePortIndicator X", "JkRemoteHostIndicator X", "JkRemoteUserIndicator X", "JkAuthTypeIndicator X",
	"JkLocalNameIndicator X", "JkLocalAddrIndicator X", "JkLocalPortIndicator X", "JkIgnoreCLIndicator X", "JkExtractSSL Off", "JkHTTPSIndicator X", "JkSSLPROTOCOLIndicator X", "JkCERTSIndicator X", "JkCIPHERIndicator X", "JkSESSIONIndicator X", "JkKEYSIZEIndicator X", "JkCERTCHAINPrefix X", "JkOptions +DisableReuse", "JkEnvVar A d",
}

// htaccessCases: no directive is allowed in .htaccess.
func htaccessCases() []Case {
	var cases []Case
	for _, d := range []string{"JkMount a", "JkUnMount a", "JkOptions +DisableReuse", "JkEnvVar A d", "JkLogLevel debug"} {
		cases = append(cases, Case{
			Name: "directives/in .htaccess: " + d, Workers: one(), Files: map[string]string{"d/.htaccess": d + "\n", "d/x": "x\n"}, Steps: gets("/d/x", "/x"),
			Config: "JkMount /app/* a\n<Directory ${HTDOCS}/d>\nAllowOverride All\n</Directory>\n",
		})
	}
	return cases
}
