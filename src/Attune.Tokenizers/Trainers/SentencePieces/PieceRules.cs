using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>Where sentences are cut into words, and which stretches of text may become pieces.</summary>
internal sealed class PieceRules(SentencePieceTraining training)
{
    private const int Any = -1;

    /// <summary>The longest piece in code points.</summary>
    public int MaxLength => training.MaxPieceLength;

    /// <summary>Whether a stretch of text may be a piece.</summary>
    public bool Allows(ReadOnlySpan<int> piece)
    {
        if (piece.IsEmpty || piece.Length > training.MaxPieceLength) return false;
        var anySpaces = training.AllowSpaceOnlyPieces && !piece.ContainsAnyExcept(PieceText.Space);
        var script = Any;
        for (var i = 0; i < piece.Length; i++)
        {
            var c = piece[i];
            switch (c)
            {
                case 0 or ' ' or PieceText.Unknown or PieceText.Boundary:
                case PieceText.Space when !anySpaces && !AllowsSpace(i, piece.Length):
                    return false;
                case PieceText.Space:
                    continue;
            }

            var digit = c is (>= '0' and <= '9') or (>= 0xFF10 and <= 0xFF19);
            if (digit && training.SplitDigits && piece.Length > 1) return false;
            var own = digit && !training.SplitByNumber ? Any : ScriptOf(c, script);
            if (training.SplitByScript && own != Any && script != Any && own != script) return false;
            script = own;
        }

        return true;
    }

    /// <summary>Cuts a sentence into words; where spaces cut nothing it is one word.</summary>
    /// <returns>Where each word starts, and at last where the sentence ends.</returns>
    public List<int> WordStarts(ReadOnlySpan<int> sentence)
    {
        var starts = new List<int>();
        if (sentence.IsEmpty) return starts;
        starts.Add(0);
        if (training.SplitBySpace)
        {
            for (var i = 1; i < sentence.Length; i++)
            {
                if (StartsWord(sentence, i)) starts.Add(i);
            }
        }

        starts.Add(sentence.Length);
        return starts;
    }

    /// <summary>Whether a word starts at a place behind the first.</summary>
    public bool StartsWord(ReadOnlySpan<int> sentence, int place)
    {
        if (!training.SplitBySpace) return false;
        var (space, spaceBefore) = (sentence[place] == PieceText.Space, sentence[place - 1] == PieceText.Space);
        // Runs of spaces stay together where they may be pieces.
        return training.SpaceAsSuffix
            ? spaceBefore && !(training.AllowSpaceOnlyPieces && space)
            : space && !(training.AllowSpaceOnlyPieces && spaceBefore);
    }

    // Spaces stand at one end of a piece; within it only where they do not cut words.
    private bool AllowsSpace(int place, int length)
    {
        var (first, last) = (place == 0, place == length - 1);
        if (training.SpaceAsSuffix) return last || (!training.SplitBySpace && !first);
        return first || (!training.SplitBySpace && !last);
    }

    private static int ScriptOf(int c, int before)
    {
        // The long vowel mark is common to both syllabaries by property.
        if (c == 0x30FC) return ScriptProperty.Han;
        var script = ScriptProperty.Of(c);
        if (script == ScriptProperty.Hiragana || script == ScriptProperty.Katakana) return ScriptProperty.Han;
        return script == ScriptProperty.Inherited ? before : script;
    }
}
