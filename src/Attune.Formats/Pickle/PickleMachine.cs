using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Attune.Formats;

/// <summary>
/// Runs the stack machine of Python's pickle format (protocols 0 to 4) on data alone: every class or function must be on
/// <see cref="TorchConstructors"/>' allow-list, and nothing is ever executed.
/// </summary>
internal ref struct PickleMachine
{
    /// <summary>The longest program accepted, in bytes; large models have some hundred kilobytes.</summary>
    public const int MaxLength = 32 << 20;

    private const int MaxItems = 1 << 20, MaxTextLength = 1 << 16, MaxIntegerBytes = 64;

    private static readonly object s_mark = new();

    private readonly ReadOnlySpan<byte> _code;
    private readonly string _path;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;

    private PickleMachine(ReadOnlySpan<byte> code, string path)
    {
        _code = code;
        _path = path;
    }

    /// <summary>Runs one program.</summary>
    /// <param name="code">Bytes that begin with the program.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="length">How many bytes the program takes.</param>
    /// <exception cref="AttuneFormatException">Not a valid program, not data alone, or too large.</exception>
    public static object? Run(ReadOnlySpan<byte> code, string path, out int length)
    {
        PickleMachine machine = new(code[..Math.Min(code.Length, MaxLength)], path);
        try
        {
            object? result = machine.Run();
            length = machine._at;
            return result;
        }
        catch (OverflowException e)
        {
            throw new AttuneFormatException($"the pickle holds a number out of range near byte {machine._at}.", path, e);
        }
    }

    private object? Run()
    {
        while (true)
        {
            if (_stack.Count > MaxItems || _memo.Count > MaxItems)
                throw new AttuneFormatException(_path, $"pickle at byte {_at}", "a program with too many objects", $"at most {MaxItems}");
            byte code = Next();
            switch (code)
            {
                case (byte)'.': return Pop();
                case 0x80: _ = Next(); break; // PROTO
                case 0x95: _ = Take(8); break; // FRAME
                case (byte)'(': Push(s_mark); break;
                case (byte)'0': _ = Pop(); break;
                case (byte)'1': _ = PopToMark(); break;
                case (byte)'2': Push(Peek()); break;
                default:
                    if (!TryScalar(code) && !TryContainer(code) && !TryMemo(code) && !TryObject(code))
                        throw new AttuneFormatException(_path, $"pickle at byte {_at - 1}", $"opcode 0x{code:X2}", "an opcode of a weight file", "Only tensors in dictionaries can be read; save a state_dict.");
                    break;
            }
        }
    }

    private bool TryScalar(byte code)
    {
        switch (code)
        {
            case (byte)'N': Push(null); return true;
            case 0x88: Push(true); return true;
            case 0x89: Push(false); return true;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); return true;
            case (byte)'K': Push((long)Next()); return true;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); return true;
            case (byte)'I': Push(Line() switch { "01" => true, "00" => false, string text => Integer(text) }); return true;
            case (byte)'L': Push(Integer(Line().TrimEnd('L'))); return true;
            case 0x8a: Push(Integer(Take(Next()))); return true;
            case 0x8b: Push(Integer(Take(Length(BinaryPrimitives.ReadInt32LittleEndian(Take(4)), MaxIntegerBytes)))); return true;
            case (byte)'F': Push(double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real : throw BadNumber()); return true;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); return true;
            case (byte)'X': Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); return true;
            case 0x8c: Push(Text(Next())); return true;
            case 0x8d: Push(Text(BinaryPrimitives.ReadInt64LittleEndian(Take(8)))); return true;
            case (byte)'U': Push(Text(Next())); return true;
            case (byte)'T': Push(Text(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); return true;
            case (byte)'V': Push(Line()); return true;
            case (byte)'C': Push(Take(Next()).ToArray()); return true;
            case (byte)'B': Push(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), MaxTextLength)).ToArray()); return true;
            default: return false;
        }
    }

    private bool TryContainer(byte code)
    {
        switch (code)
        {
            case (byte)')': Push(new PickleTuple([])); return true;
            case 0x85: Push(new PickleTuple(PopMany(1))); return true;
            case 0x86: Push(new PickleTuple(PopMany(2))); return true;
            case 0x87: Push(new PickleTuple(PopMany(3))); return true;
            case (byte)'t': Push(new PickleTuple(PopToMark())); return true;
            case (byte)']': Push(new PickleList([])); return true;
            case (byte)'l': Push(new PickleList([.. PopToMark()])); return true;
            case (byte)'a': Append(PopMany(1)); return true;
            case (byte)'e': Append(PopToMark()); return true;
            case (byte)'}': Push(new PickleDictionary([])); return true;
            case (byte)'d':
                object?[] pairs = PopToMark();
                Push(new PickleDictionary([]));
                SetItems(pairs);
                return true;
            case (byte)'s': SetItems(PopMany(2)); return true;
            case (byte)'u': SetItems(PopToMark()); return true;
            default: return false;
        }
    }

    private bool TryMemo(byte code)
    {
        switch (code)
        {
            case (byte)'q': _memo[Next()] = Peek(); return true;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); return true;
            case (byte)'p': _memo[MemoIndex()] = Peek(); return true;
            case 0x94: _memo[_memo.Count] = Peek(); return true;
            case (byte)'h': Push(Recall(Next())); return true;
            case (byte)'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); return true;
            case (byte)'g': Push(Recall(MemoIndex())); return true;
            default: return false;
        }
    }

    private bool TryObject(byte code)
    {
        switch (code)
        {
            case (byte)'c':
                string module = Line();
                Push(TorchConstructors.Global(module, Line(), _path));
                return true;
            case 0x93:
                object?[] names = PopMany(2);
                Push(TorchConstructors.Global(names[0] as string ?? "?", names[1] as string ?? "?", _path));
                return true;
            case (byte)'R':
                object?[] call = PopMany(2);
                Push(TorchConstructors.Construct(call[0], call[1], _path));
                return true;
            case (byte)'Q':
                Push(TorchConstructors.PersistentStorage(Pop(), _path));
                return true;
            case (byte)'b':
                // The state of an OrderedDict is torch's version bookkeeping; nothing else has a state here.
                _ = Pop();
                if (Peek() is not PickleDictionary)
                    throw new AttuneFormatException(_path, $"pickle at byte {_at - 1}", "an object with state", "dictionaries of tensors");
                return true;
            default: return false;
        }
    }

    private byte Next() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _code.Length - _at)
            throw new AttuneFormatException(_path, $"pickle at byte {_at}", $"{_code.Length - _at} more bytes", $"{length}", "The file is cut off or not a checkpoint; get it again.");
        ReadOnlySpan<byte> taken = _code.Slice(_at, length);
        _at += length;
        return taken;
    }

    private readonly int Length(long length, int max) => length >= 0 && length <= max
        ? (int)length
        : throw new AttuneFormatException(_path, $"pickle at byte {_at}", $"an item of {length} bytes", $"0 to {max} bytes");

    private string Text(long length) => Encoding.UTF8.GetString(Take(Length(length, MaxTextLength)));

    private string Line()
    {
        int end = _code[_at..].IndexOf((byte)'\n');
        string text = Text(end < 0 ? _code.Length - _at : end);
        _ = Next();
        return text;
    }

    private readonly object Integer(string text) => text.Length <= MaxIntegerBytes
        && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value) ? Narrow(value) : throw BadNumber();

    private static object Integer(ReadOnlySpan<byte> littleEndian) => Narrow(new BigInteger(littleEndian));

    private static object Narrow(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (long)value : value;

    private long MemoIndex() => Integer(Line()) is long index ? index : throw BadNumber();

    private readonly AttuneFormatException BadNumber() => new(_path, $"pickle at byte {_at}", "text", "a number");

    private readonly object? Recall(long index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw new AttuneFormatException(_path, $"pickle at byte {_at}", $"memo {index}", "a memo that was set before");

    private readonly void Push(object? value) => _stack.Add(value);

    private readonly object? Peek()
    {
        if (_stack.Count == 0 || ReferenceEquals(_stack[^1], s_mark)) throw Underflow();
        return _stack[^1];
    }

    private readonly object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly object?[] PopMany(int count)
    {
        object?[] items = new object?[count];
        for (int i = count - 1; i >= 0; i--) items[i] = Pop();
        return items;
    }

    private readonly object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(s_mark);
        if (mark < 0) throw Underflow();
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private readonly AttuneFormatException Underflow() => new(_path, $"pickle at byte {_at}", "an empty stack", "a value");

    private readonly void Append(object?[] items)
    {
        if (Peek() is not PickleList list) throw new AttuneFormatException(_path, $"pickle at byte {_at}", "no list", "a list to append to");
        list.Items.AddRange(items);
    }

    private readonly void SetItems(object?[] pairs)
    {
        if (Peek() is not PickleDictionary dictionary || pairs.Length % 2 != 0)
            throw new AttuneFormatException(_path, $"pickle at byte {_at}", "no dictionary, or a key without value", "pairs for a dictionary");
        for (int i = 0; i < pairs.Length; i += 2) dictionary.Items.Add(new(pairs[i], pairs[i + 1]));
    }
}
