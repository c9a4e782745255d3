using Attune.Nn.Parameters;

namespace Attune.Backbones;

/// <summary>The table that language models score the vocabulary with.</summary>
internal static class OutputTable
{
    /// <summary>The token table itself, or one of the same shape.</summary>
    /// <param name="tokens">The token table, <c>[vocabulary, width]</c>.</param>
    /// <param name="tied">Whether the token table serves both ends.</param>
    /// <param name="initializer">What a table of its own starts from.</param>
    public static Parameter Of(Parameter tokens, bool tied, Initializer initializer) =>
        tied ? tokens : new Parameter(tokens.Shape, initializer, ParameterRole.Weight);
}
