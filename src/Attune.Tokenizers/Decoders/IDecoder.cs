using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Decoders;

/// <summary>A step from tokens back to text.</summary>
/// <remarks>Safe for concurrent use on different lists.</remarks>
internal interface IDecoder : IComponent
{
    /// <summary>Changes the list of tokens in place; after the last step its entries together are the text.</summary>
    void Decode(List<string> tokens);
}
