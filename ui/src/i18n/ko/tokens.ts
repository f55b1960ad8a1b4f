import type { tokens as english } from "../en/tokens";

/** 다른 발급자의 토큰이 키를 대신하는 규칙. */
export const tokens: Record<keyof typeof english, string> = {
  "tokens.title": "ID 공급자의 토큰",
  "tokens.about": "아래 발급자의 토큰(JWT)을 키 대신 보낼 수 있습니다. 어느 키로 동작할지는 규칙이 정하며, 그 키의 한도·예산·모델이 그대로 적용됩니다.",
  "tokens.none": "아직 규칙이 없습니다. 규칙을 만들기 전까지 토큰은 거부됩니다.",
  "tokens.issuer": "발급자",
  "tokens.claim": "클레임",
  "tokens.claimHint": "예: sub 또는 groups. 안쪽 값은 /realm_access/roles처럼 적습니다.",
  "tokens.value": "값",
  "tokens.valueHint": "클레임의 값이거나 그 값들 가운데 하나. *는 무엇이든.",
  "tokens.key": "대신할 키",
  "tokens.position": "순서",
  "tokens.positionHint": "토큰이 여러 규칙에 맞으면 가장 낮은 순서가 적용됩니다.",
  "tokens.when": "{claim} 값이 {value}일 때",
  "tokens.new": "새 규칙",
  "tokens.make": "규칙 만들기",
  "tokens.remove": "삭제",
  "tokens.removeSure": "정말 삭제",
  "tokens.removeOf": "규칙 {rule} 삭제",
  "tokens.removeSureOf": "규칙 {rule} 정말 삭제: 이후 그 토큰은 거부됩니다",
  "tokens.onlyAdmins": "규칙은 관리자가 만들고, 소유자는 삭제할 수 있습니다.",
};
