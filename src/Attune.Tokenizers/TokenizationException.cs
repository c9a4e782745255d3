namespace Attune.Tokenizers;

/// <summary>A text cannot be tokenized as asked: the truncation cannot be met, or a character needs an unknown token that the model does not have.</summary>
public sealed class TokenizationException : Exception
{
    /// <summary>Makes the exception from what is wrong and what to do.</summary>
    public TokenizationException(string message)
        : base(message)
    {
    }
}
