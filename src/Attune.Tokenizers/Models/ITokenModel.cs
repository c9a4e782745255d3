using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Models;

/// <summary>Turns one piece of text at a time into tokens of its vocabulary.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal interface ITokenModel : IComponent
{
    /// <summary>The tokens and their ids.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Tokenizes a piece.</summary>
    /// <param name="piece">Not empty, without lone surrogates.</param>
    /// <param name="output">Gets the tokens in order.</param>
    /// <exception cref="TokenizationException">The piece holds an unknown character and the model has no token for those.</exception>
    void Tokenize(ReadOnlySpan<char> piece, TokenOutput output);
}
