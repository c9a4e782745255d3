using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Cuts a text into the pieces that the model sees one at a time.</summary>
/// <remarks>Safe for concurrent use on different texts.</remarks>
internal interface IPreTokenizer : IComponent
{
    /// <summary>Cuts, and perhaps rewrites, every piece that is no added token.</summary>
    void PreTokenize(PreTokenizedText text);
}
