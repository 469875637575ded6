<%@ page contentType="text/html; charset=UTF-8" session="true" %><%
    Integer seen = (Integer) session.getAttribute("seen");
    int count = seen == null ? 1 : seen + 1;
    session.setAttribute("seen", count);
%><!doctype html>
<title>counter</title>
<p>Visit <%= count %> of session <%= session.getId() %>.
<ul>
<% for (int i = 0; i < 10; i++) { %><li><a href="<%= response.encodeURL("counter.jsp?item=" + i) %>">item <%= i %></a>
<% } %></ul>
