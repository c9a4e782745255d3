using System.Globalization;
using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>Runs a compiled pattern over a text, code point by code point, with backtracking.</summary>
/// <remarks>
/// The number of steps that all matches in a text may take together is bounded, so that a hostile pattern ends in an error instead of a hang.
/// One machine serves one thread at a time.
/// </remarks>
internal ref struct PatternMachine
{
    private readonly PatternStep[] _steps;
    private readonly CodePointSet[] _sets;
    private readonly ReadOnlySpan<char> _text;
    private readonly int[] _registers;
    private readonly List<Frame> _stack;
    private long _budget;

    public PatternMachine(PatternStep[] steps, CodePointSet[] sets, int registerCount, ReadOnlySpan<char> text)
    {
        (_steps, _sets, _registers, _stack) = (steps, sets, new int[registerCount], []);
        _text = text;
        _budget = 1_000_000 + (1000L * text.Length);
    }

    /// <summary>Where the present search began, for the anchor that asks for it.</summary>
    public int SearchStart { get; set; }

    /// <summary>Something to undo or to try when the machine goes back.</summary>
    /// <param name="Step">The step to go on with; or -1 to give register <paramref name="Position"/> its old value <paramref name="Least"/> again.</param>
    /// <param name="Position">The place in the text.</param>
    /// <param name="Least">For a run of a set: the place before which it cannot give back more; else -1.</param>
    internal readonly record struct Frame(int Step, int Position, int Least);

    /// <summary>Tries to match at one place.</summary>
    /// <returns>Where the match ends, or -1.</returns>
    public int Match(int position)
    {
        _registers.AsSpan().Fill(-1);
        _stack.Clear();
        return Run(0, position);
    }

    private int Run(int step, int position)
    {
        var bottom = _stack.Count;
        while (true)
        {
            if (--_budget < 0) throw new TokenizationException("A pattern of the tokenizer needs too many steps on this text; it backtracks without end.");
            ref readonly var current = ref _steps[step];
            var next = -1;
            switch (current.Operation)
            {
                case PatternOperation.Set:
                    next = Take(_sets[current.A], position);
                    break;
                case PatternOperation.SetRun:
                    next = TakeRun(current, step, position);
                    break;
                case PatternOperation.Split:
                    _stack.Add(new Frame(current.B, position, -1));
                    step = current.A;
                    continue;
                case PatternOperation.Jump:
                    step = current.A;
                    continue;
                case PatternOperation.Save:
                    _stack.Add(new Frame(-1, current.A, _registers[current.A]));
                    _registers[current.A] = position;
                    next = position;
                    break;
                case PatternOperation.Advance:
                    // An empty round of a loop leaves the loop, so that it cannot go on for ever.
                    if (_registers[current.A] == position)
                    {
                        step += 2;
                        continue;
                    }

                    next = position;
                    break;
                case PatternOperation.Anchor:
                    next = Holds((AnchorKind)current.A, position) ? position : -1;
                    break;
                case PatternOperation.BackReference:
                    next = TakeAgain(current.A, position);
                    break;
                case PatternOperation.Grapheme:
                    next = position == _text.Length ? -1 : position + StringInfo.GetNextTextElementLength(_text[position..]);
                    break;
                case PatternOperation.Atomic:
                    next = RunPart(step + 1, position);
                    if (next >= 0)
                    {
                        (step, position) = (current.A, next);
                        continue;
                    }

                    break;
                case PatternOperation.LookAhead:
                    if (RunPart(step + 1, position) >= 0 != (current.B != 0))
                    {
                        step = current.A;
                        continue;
                    }

                    break;
                case PatternOperation.LookBehind:
                    if (LooksBehind(current, step, position) != (current.B != 0))
                    {
                        step = current.A;
                        continue;
                    }

                    break;
                default:
                    Forget(bottom);
                    return position;
            }

            if (next >= 0)
            {
                position = next;
                step++;
            }
            else if (!GoBack(bottom, ref step, ref position))
            {
                return -1;
            }
        }
    }

    // Runs a part to its End as one step: its choices are forgotten once it has matched, its register undos stay.
    private int RunPart(int step, int position) => Run(step, position);

    private readonly void Forget(int bottom)
    {
        var kept = bottom;
        for (var i = bottom; i < _stack.Count; i++)
        {
            if (_stack[i].Step < 0) _stack[kept++] = _stack[i];
        }

        _stack.RemoveRange(kept, _stack.Count - kept);
    }

    private readonly bool GoBack(int bottom, ref int step, ref int position)
    {
        while (_stack.Count > bottom)
        {
            var frame = _stack[^1];
            if (frame.Step < 0)
            {
                _stack.RemoveAt(_stack.Count - 1);
                _registers[frame.Position] = frame.Least;
                continue;
            }

            if (frame.Least >= 0)
            {
                // A run gives back its last code point and stays ready to give back more.
                var shorter = Previous(frame.Position);
                if (shorter > frame.Least) _stack[^1] = frame with { Position = shorter };
                else _stack.RemoveAt(_stack.Count - 1);
                (step, position) = (frame.Step, shorter);
                return true;
            }

            _stack.RemoveAt(_stack.Count - 1);
            (step, position) = (frame.Step, frame.Position);
            return true;
        }

        return false;
    }

    private readonly int Take(CodePointSet set, int position)
    {
        if (position >= _text.Length) return -1;
        int c = _text[position];
        if ((uint)(c - 0xD800) >= 0x800) return set.Contains(c) ? position + 1 : -1;
        Rune.DecodeFromUtf16(_text[position..], out var rune, out var units);
        return set.Contains(rune.Value) ? position + units : -1;
    }

    private readonly int TakeRun(in PatternStep step, int index, int position)
    {
        var set = _sets[step.A];
        var least = position;
        var count = 0;
        while (count < step.C)
        {
            var next = Take(set, position);
            if (next < 0) break;
            position = next;
            if (++count == step.B) least = position;
        }

        if (count < step.B) return -1;
        if (count > step.B) _stack.Add(new Frame(index + 1, position, least));
        return position;
    }

    private readonly int TakeAgain(int register, int position)
    {
        var (start, end) = (_registers[register], _registers[register + 1]);
        if (start < 0 || end < start) return -1;
        return _text[position..].StartsWith(_text[start..end]) ? position + end - start : -1;
    }

    private bool LooksBehind(in PatternStep step, int index, int position)
    {
        var start = position;
        for (var back = 0; ; back++)
        {
            var end = Run(index + 1, start);
            if (end == position) return true;
            if (back == step.C || start == 0) return false;
            start = Previous(start);
        }
    }

    private readonly int Previous(int position) =>
        position >= 2 && char.IsLowSurrogate(_text[position - 1]) && char.IsHighSurrogate(_text[position - 2]) ? position - 2 : position - 1;

    private readonly bool Holds(AnchorKind kind, int position) => kind switch
    {
        AnchorKind.LineStart => position == 0 || (_text[position - 1] == '\n' && position < _text.Length),
        AnchorKind.LineEnd => position == _text.Length || _text[position] == '\n',
        AnchorKind.TextStart => position == 0,
        AnchorKind.TextEnd => position == _text.Length,
        AnchorKind.TextEndOrLastNewline => position == _text.Length || (position == _text.Length - 1 && _text[position] == '\n'),
        AnchorKind.WordBoundary => IsWordBefore(position) != IsWordAt(position),
        AnchorKind.NotWordBoundary => IsWordBefore(position) == IsWordAt(position),
        _ => position == SearchStart,
    };

    private readonly bool IsWordAt(int position)
    {
        if (position >= _text.Length) return false;
        Rune.DecodeFromUtf16(_text[position..], out var rune, out _);
        return CharacterClasses.IsWordWithoutJoiners(rune.Value) || PatternClasses.IsLatinNumeral(rune.Value);
    }

    private readonly bool IsWordBefore(int position) => position > 0 && IsWordAt(Previous(position));
}
