using VoiceConsole.Engine.Echo.WebRtc;

namespace VoiceConsole.Tests.Engine.Echo;

public class FfiMessageTests
{
    [Fact]
    public void Request_written_It_reads_as_protobuf_of_the_same_fields()
    {
        Span<byte> bytes = stackalloc byte[FfiMessage.MaxLength];
        var length = FfiMessage.Write(bytes, FfiMessage.SetStreamDelay, 300, 0);
        // Field 53 of type 2: (53 << 3 | 2) = 426; then 5 bytes: field 1 = 300, field 2 = 0.
        Assert.Equal([0xAA, 0x03, 5, 0x08, 0xAC, 0x02, 0x10, 0x00], bytes[..length].ToArray());
        Assert.Equal(300ul, FfiMessage.FirstNumber(FfiMessage.Open(bytes[..length], FfiMessage.SetStreamDelay)));
    }

    [Fact]
    public void Greatest_numbers_in_every_field_The_request_fits()
    {
        Span<byte> bytes = stackalloc byte[FfiMessage.MaxLength];
        var length = FfiMessage.Write(bytes, FfiMessage.ProcessStream, ulong.MaxValue, ulong.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue);
        Assert.InRange(length, 1, FfiMessage.MaxLength);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x92 })]
    [InlineData(new byte[] { 0x0A, 0x05, 0x41 })]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void Answer_that_is_cut_off_It_reads_as_empty(byte[] bytes)
    {
        Assert.True(FfiMessage.Open(bytes, 1).IsEmpty);
        Assert.Equal("", FfiMessage.FirstText(bytes));
    }

    [Fact]
    public void Answer_with_a_problem_Its_text_is_read() => Assert.Equal("no", FfiMessage.FirstText([0x0A, 2, (byte)'n', (byte)'o']));
}
