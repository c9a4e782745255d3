using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Changes the characters of a text before it is split.</summary>
/// <remarks>Safe for concurrent use on different texts.</remarks>
internal interface INormalizer : IComponent
{
    /// <summary>Changes a text in place.</summary>
    void Normalize(NormalizedText text);
}
