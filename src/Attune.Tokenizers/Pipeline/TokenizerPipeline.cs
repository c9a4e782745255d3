using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Pipeline;

/// <summary>The stages of a tokenizer, in the order texts go through them. Stages that do nothing are null.</summary>
internal sealed record TokenizerPipeline(
    AddedVocabulary Added, INormalizer? Normalizer, IPreTokenizer? PreTokenizer, ITokenModel Model, IPostProcessor? PostProcessor, IDecoder? Decoder)
{
    /// <summary>Cuts a text into the pieces that the model will see, added tokens among them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="workspace">Holds the pieces afterwards.</param>
    public void Split(ReadOnlySpan<char> text, PipelineWorkspace workspace)
    {
        workspace.Raw.Load(text);
        workspace.Pieces.Clear();
        var (raw, finder) = (workspace.Raw, Added.Raw);
        var (position, covered) = (0, 0);
        if (!finder.IsEmpty)
        {
            while (finder.FindNext(raw.Chars, ref position, covered, out var token, out var start, out var end))
            {
                NormalizeInto(raw, covered, start, workspace);
                AddPiece(raw, start, end, token.Id, workspace.Pieces);
                covered = end;
            }
        }

        NormalizeInto(raw, covered, raw.Length, workspace);
        PreTokenizer?.PreTokenize(workspace.Pieces);
    }

    private void NormalizeInto(NormalizedText raw, int start, int end, PipelineWorkspace workspace)
    {
        if (start >= end) return;
        var text = workspace.Normalized;
        text.Clear();
        text.Append(raw, start, end - start);
        text.Origin = raw.TracksOffsets ? raw.Spans[start].Start : 0;
        Normalizer?.Normalize(text);
        var finder = Added.Normalized;
        var (position, covered) = (0, 0);
        if (!finder.IsEmpty)
        {
            while (finder.FindNext(text.Chars, ref position, covered, out var token, out var from, out var to))
            {
                AddPiece(text, covered, from, -1, workspace.Pieces);
                AddPiece(text, from, to, token.Id, workspace.Pieces);
                covered = to;
            }
        }

        AddPiece(text, covered, text.Length, -1, workspace.Pieces);
    }

    private static void AddPiece(NormalizedText source, int start, int end, int tokenId, PreTokenizedText pieces)
    {
        if (start >= end) return;
        var at = pieces.Text.Length;
        pieces.Text.Append(source, start, end - start);
        pieces.AddPiece(new Piece(at, end - start, source.Cover(start, end - start), tokenId));
    }
}
