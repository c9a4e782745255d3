using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>What one step of a compiled pattern does.</summary>
internal enum PatternOperation
{
    /// <summary>Takes one code point of set A.</summary>
    Set,

    /// <summary>Takes as many code points of set A as it can, at least B and at most C, and gives back one at a time.</summary>
    SetRun,

    /// <summary>Tries step A, and B if that fails.</summary>
    Split,

    /// <summary>Goes to step A.</summary>
    Jump,

    /// <summary>Puts the position into register A.</summary>
    Save,

    /// <summary>Fails if the position is still the one in register A: the loop's body was empty.</summary>
    Advance,

    /// <summary>Demands the anchor A.</summary>
    Anchor,

    /// <summary>Takes the text between registers A and A + 1 again; C is 1 where case is ignored.</summary>
    BackReference,

    /// <summary>Takes one grapheme cluster.</summary>
    Grapheme,

    /// <summary>Runs the steps up to <see cref="End"/> as one, then goes to step A.</summary>
    Atomic,

    /// <summary>Looks ahead with the steps that follow; goes to step A. B is 1 where they must fail.</summary>
    LookAhead,

    /// <summary>As <see cref="LookAhead"/>, but the steps must end here; they begin C code points back at most.</summary>
    LookBehind,

    /// <summary>Ends a pattern or a part run as one.</summary>
    End,
}

/// <summary>One step of a compiled pattern.</summary>
internal readonly record struct PatternStep(PatternOperation Operation, int A = 0, int B = 0, int C = 0);

/// <summary>A compiled pattern: steps for a backtracking machine.</summary>
internal sealed class PatternProgram
{
    // A bound on what a repeat count inside a repeat count can blow up to.
    private const int MaxSteps = 20_000;

    private readonly List<PatternStep> _steps = [];
    private readonly List<CodePointSet> _sets = [];
    private int _registers;

    private PatternProgram(int captures) => _registers = 2 * (captures + 1);

    /// <summary>The steps.</summary>
    public PatternStep[] Steps => [.. _steps];

    /// <summary>The sets that steps refer to.</summary>
    public CodePointSet[] Sets => [.. _sets];

    /// <summary>How many positions the machine must remember.</summary>
    public int RegisterCount => _registers;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="PatternSyntaxException">It is too large.</exception>
    public static PatternProgram Compile(PatternNode node, int captures)
    {
        var program = new PatternProgram(captures);
        program.Emit(node);
        program.Add(new PatternStep(PatternOperation.End));
        return program;
    }

    private int Add(PatternStep step)
    {
        if (_steps.Count == MaxSteps) throw new PatternSyntaxException("the pattern is too large");
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private int SetIndex(CodePointSet set)
    {
        _sets.Add(set);
        return _sets.Count - 1;
    }

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Set set:
                Add(new PatternStep(PatternOperation.Set, SetIndex(set.Members)));
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts) Emit(part);
                break;
            case PatternNode.Choice choice:
                EmitChoice(choice.Options);
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case PatternNode.Capture capture:
                Add(new PatternStep(PatternOperation.Save, 2 * capture.Number));
                Emit(capture.Body);
                Add(new PatternStep(PatternOperation.Save, (2 * capture.Number) + 1));
                break;
            case PatternNode.Atomic atomic:
                EmitPart(new PatternStep(PatternOperation.Atomic), atomic.Body);
                break;
            case PatternNode.Look { Behind: false } look:
                EmitPart(new PatternStep(PatternOperation.LookAhead, 0, look.Negated ? 1 : 0), look.Body);
                break;
            case PatternNode.Look look:
                EmitPart(new PatternStep(PatternOperation.LookBehind, 0, look.Negated ? 1 : 0, LongestMatch(look.Body)), look.Body);
                break;
            case PatternNode.Anchor anchor:
                Add(new PatternStep(PatternOperation.Anchor, (int)anchor.Kind));
                break;
            case PatternNode.BackReference reference:
                Add(new PatternStep(PatternOperation.BackReference, 2 * reference.Number));
                break;
            case PatternNode.Grapheme:
                Add(new PatternStep(PatternOperation.Grapheme));
                break;
        }
    }

    private void EmitPart(PatternStep opening, PatternNode body)
    {
        var at = Add(opening);
        Emit(body);
        Add(new PatternStep(PatternOperation.End));
        _steps[at] = opening with { A = _steps.Count };
    }

    private void EmitChoice(IReadOnlyList<PatternNode> options)
    {
        var jumps = new List<int>();
        for (var i = 0; i < options.Count - 1; i++)
        {
            var split = Add(default);
            Emit(options[i]);
            jumps.Add(Add(default));
            _steps[split] = new PatternStep(PatternOperation.Split, split + 1, _steps.Count);
        }

        Emit(options[^1]);
        foreach (var jump in jumps) _steps[jump] = new PatternStep(PatternOperation.Jump, _steps.Count);
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        var body = repeat.Body is PatternNode.Sequence { Parts: [var only] } ? only : repeat.Body;
        if (body is PatternNode.Set set && !repeat.Lazy)
        {
            Add(new PatternStep(PatternOperation.SetRun, SetIndex(set.Members), repeat.Least, repeat.Most < 0 ? int.MaxValue : repeat.Most));
            return;
        }

        for (var i = 0; i < repeat.Least; i++) Emit(body);
        if (repeat.Most < 0)
        {
            var register = _registers++;
            var split = Add(default);
            Add(new PatternStep(PatternOperation.Save, register));
            Emit(body);
            Add(new PatternStep(PatternOperation.Advance, register));
            Add(new PatternStep(PatternOperation.Jump, split));
            _steps[split] = Fork(split + 1, _steps.Count, repeat.Lazy);
            return;
        }

        var splits = new List<int>();
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            splits.Add(Add(default));
            Emit(body);
        }

        foreach (var split in splits) _steps[split] = Fork(split + 1, _steps.Count, repeat.Lazy);
    }

    private static PatternStep Fork(int into, int past, bool lazy) =>
        lazy ? new PatternStep(PatternOperation.Split, past, into) : new PatternStep(PatternOperation.Split, into, past);

    private static int LongestMatch(PatternNode node)
    {
        var longest = node switch
        {
            PatternNode.Set => 1,
            PatternNode.Sequence s => s.Parts.Sum(p => (long)LongestMatch(p)),
            PatternNode.Choice c => c.Options.Max(LongestMatch),
            PatternNode.Repeat { Most: >= 0 } r => (long)r.Most * LongestMatch(r.Body),
            PatternNode.Capture c => LongestMatch(c.Body),
            PatternNode.Atomic a => LongestMatch(a.Body),
            PatternNode.Anchor or PatternNode.Empty or PatternNode.Look => 0,
            _ => throw new PatternSyntaxException("a look-behind without a greatest length is not supported"),
        };
        return longest <= MaxSteps ? (int)longest : throw new PatternSyntaxException("a look-behind is too long");
    }
}
