namespace Attune.Nn.Contracts;

/// <summary>What decides whether an answer to a question is right, where answers are compared as text.</summary>
/// <param name="Question">The number of the question in its data set; examples with the same number are windows of one text.</param>
/// <param name="Accepted">The accepted answers; none if the text does not answer the question.</param>
/// <param name="TextOf">The text from one token of the example to another, both included; empty where a token is not of the text.</param>
public sealed record AnswerKey(int Question, IReadOnlyList<string> Accepted, Func<int, int, string> TextOf);
