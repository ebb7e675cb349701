import type { HistoryReply, Member, Push, Reply } from "../command.ts";
import { messageBody, wrapMessage } from "./message.ts";
import { oneLine, quote } from "./text.ts";

/** One reply as a line. */
export function encodeReply(id: number | undefined, reply: Reply): string {
  const head = id === undefined ? "{" : `{"id":${id},`;
  return `${head}"${reply.kind}":${replyBody(reply)}}`;
}

function replyBody(reply: Reply): string {
  switch (reply.kind) {
    case "publish":
      return `{"epoch":${quote(reply.epoch)},"offset":${reply.offset},"duplicate":${reply.duplicate}}`;
    case "unsubscribe":
    case "ack":
    case "ping":
      return "{}";
    case "error":
      return JSON.stringify(reply.error);
    case "history":
      return historyBody(reply);
    case "presence":
      return reply.members === undefined
        ? `{"count":${reply.count}}`
        : `{"count":${reply.count},"members":${membersBody(reply.members)}}`;
    case "connect":
    case "refresh":
    case "subscribe":
      return JSON.stringify({ ...reply, kind: undefined });
  }
}

function historyBody(reply: HistoryReply): string {
  const messages = reply.messages.map(messageBody).join(",");
  return `{"epoch":${quote(reply.epoch)},"messages":[${messages}],"more":${reply.more},"complete":${reply.complete}}`;
}

function membersBody(members: readonly Member[]): string {
  return `[${members.map(memberBody).join(",")}]`;
}

function memberBody(member: Member): string {
  const user = `{"user":${quote(member.user)}`;
  return member.info === undefined ? `${user}}` : `${user},"info":${oneLine(member.info)}}`;
}

/** One push as a line. */
export function encodePush(push: Push): string {
  switch (push.kind) {
    case "message":
      return wrapMessage(messageBody(push.stored), push.filter, push.redelivered);
    case "join":
    case "leave":
      return `{"${push.kind}":{"topic":${quote(push.topic)},"members":${membersBody(push.members)},"count":${push.count}}}`;
    case "unsubscribed":
      return `{"unsubscribed":{"topic":${quote(push.topic)},"error":${JSON.stringify(push.error)}}}`;
    case "gap":
      return `{"gap":{"topic":${quote(push.topic)},"after":${push.after},"to":${push.to}}}`;
    case "reconnect":
      return `{"reconnect":{"delay":${push.delay},"spread":${push.spread}}}`;
  }
}
