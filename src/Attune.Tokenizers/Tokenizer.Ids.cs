using System.Runtime.InteropServices;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers;

/// <content>The fast path, which gives ids and nothing else.</content>
public sealed partial class Tokenizer
{
    /// <inheritdoc/>
    public int EncodeIds(ReadOnlySpan<char> text, List<int> destination, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var before = destination.Count;
        var frame = addSpecialTokens ? _frame : SpecialFrame.None;
        if (frame is null)
        {
            // A template that repeats or leaves out the text: only the full path knows what to make of it.
            destination.AddRange(Encode(text.ToString()).Ids);
            return destination.Count - before;
        }

        try
        {
            destination.AddRange(frame.Before);
            if (!_untracked.TryTake(out var workspace)) workspace = NewUntracked();
            if (_segmenter is null) AppendByPieces(text, destination, workspace);
            else AppendBySegments(text, destination, workspace, _segmenter);
            _untracked.Add(workspace);
            destination.AddRange(frame.After);
            return destination.Count - before;
        }
        catch (TokenizationException)
        {
            CollectionsMarshal.SetCount(destination, before);
            throw;
        }
    }

    private PipelineWorkspace NewUntracked()
    {
        // A visible space before the text's beginning only: that needs to know where pieces come from.
        var needsOrigins = Contains(_pipeline.PreTokenizer);
        return new PipelineWorkspace(needsOrigins, wantsSpellings: false) { Cache = _segmenter is null ? null : new SegmentCache() };

        static bool Contains(IPreTokenizer? preTokenizer) => preTokenizer switch
        {
            MetaspacePreTokenizer metaspace => metaspace.Settings.Scheme == PrependScheme.First,
            PreTokenizerSequence sequence => sequence.Members.Any(Contains),
            _ => false,
        };
    }

    private void AppendByPieces(ReadOnlySpan<char> text, List<int> destination, PipelineWorkspace workspace)
    {
        _pipeline.Split(text, workspace);
        var (pieces, output) = (workspace.Pieces, workspace.Output);
        foreach (var piece in pieces.Pieces)
        {
            if (piece.IsToken)
            {
                destination.Add(piece.TokenId);
                continue;
            }

            output.Clear();
            _pipeline.Model.Tokenize(pieces.Text.Chars.Slice(piece.Start, piece.Length), output);
            destination.AddRange(output.Ids);
        }
    }

    private void AppendBySegments(ReadOnlySpan<char> text, List<int> destination, PipelineWorkspace workspace, ISegmenter segmenter)
    {
        var writer = new IdWriter(destination);
        var finder = _pipeline.Added.Raw;
        if (finder.IsEmpty || !finder.MayFind(text))
        {
            AppendSegments(text, ref writer, workspace, segmenter);
            writer.Finish();
            return;
        }

        var (position, covered) = (0, 0);
        while (finder.FindNext(text, ref position, covered, out var token, out var start, out var end))
        {
            if (covered < start) AppendSegments(text[covered..start], ref writer, workspace, segmenter);
            writer.Append(token.Id);
            covered = end;
        }

        AppendSegments(text[covered..], ref writer, workspace, segmenter);
        writer.Finish();
    }

    private static void AppendSegments(ReadOnlySpan<char> text, ref IdWriter writer, PipelineWorkspace workspace, ISegmenter segmenter)
    {
        switch (segmenter)
        {
            // The same loop for each kind, so that the call to the segmenter is a direct one.
            case ByteLevelSegmenter byteLevel:
                AppendSegments(text, ref writer, workspace, byteLevel);
                break;
            case WordSegmenter word:
                AppendSegments(text, ref writer, workspace, word);
                break;
            default:
                AppendSegments<ISegmenter>(text, ref writer, workspace, segmenter);
                break;
        }
    }

    private static void AppendSegments<T>(ReadOnlySpan<char> text, ref IdWriter writer, PipelineWorkspace workspace, T segmenter)
        where T : class, ISegmenter
    {
        var cache = workspace.Cache!;
        while (!text.IsEmpty)
        {
            segmenter.Next(text, out var skip, out var length);
            if (length == 0) return;
            var segment = text.Slice(skip, length);
            if (!cache.TryAppend(segment, ref writer, out var hash))
            {
                workspace.Output.Clear();
                segmenter.Encode(segment, workspace);
                var ids = CollectionsMarshal.AsSpan(workspace.Output.Ids);
                cache.Remember(segment, hash, ids);
                writer.Append(ids);
            }

            text = text[(skip + length)..];
        }
    }
}
