/** The rules for which there is no case, each with the reason why none can see them from outside. */
export const UNSEEN: Readonly<Record<string, string>> = {
  "A-5": "the time of one comparison is lost in that of a request over a socket",
  "R-5":
    "a timer that nobody asks is seen by what it makes the agent say: the cases of T-6 for the expiry and the TTL do so",
  "R-7": "a clock that is set back needs a machine of its own, as every process shares it",
  "R-8":
    "memory is not seen from outside, and a core dump of an unknown agent tells nothing for sure",
  "L-1": "a library is no agent",
  "L-2": "a library is no agent",
  "L-3": "a library is no agent",
  "L-4": "a library is no agent",
  "L-5": "a library is no agent",
  "R-19": "memory is not seen from outside; R-18 sees that every request decrypts again",
  "W-10": "memory is not seen from outside",
  "X-19": "a terminal needs a program that opens one, which Node.js alone cannot",
};
